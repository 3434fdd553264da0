/** A line of a log as Cowrie writes it, terminator included. */
export function logLine(event: Record<string, unknown>): string {
  return `${JSON.stringify(event)}\n`;
}

/** The lines of one session: connect, a refused and a granted login, a command, the end. Five records. */
export function sessionLines(session: string, day = "2026-01-05", sensor = "harbour"): string {
  const envelope = { session, src_ip: "192.0.2.7", sensor, protocol: "ssh" };
  const at = (second: number): string => `${day}T10:00:${String(second).padStart(2, "0")}.000000Z`;
  return [
    { eventid: "cowrie.session.connect", src_port: 40_000, dst_port: 22, timestamp: at(1) },
    { eventid: "cowrie.login.failed", username: "root", password: "letmein", timestamp: at(2) },
    { eventid: "cowrie.login.success", username: "root", password: "123456", timestamp: at(3) },
    { eventid: "cowrie.command.input", input: "uname -a", timestamp: at(4) },
    { eventid: "cowrie.session.closed", duration: "8.0", timestamp: at(9) },
  ]
    .map((event) => logLine({ ...event, ...envelope }))
    .join("");
}

/** A session id of twelve hexadecimal digits. */
export function sessionId(number: number): string {
  return number.toString(16).padStart(12, "0");
}

/** Every command of the program, in words. */
export const commands: readonly (readonly string[])[] = [
  ["init"],
  ["ingest", "bulk"],
  ["ingest", "delta"],
  ["inventory", "import"],
  ["dlq", "list"],
  ["dlq", "show"],
  ["dlq", "replay"],
  ["dlq", "purge"],
  ["registry", "list"],
  ["registry", "unknown"],
  ["ingest", "undo"],
  ["migrate", "up"],
  ["migrate", "down"],
  ["migrate", "status"],
  ["migrate", "plan"],
  ["migrate", "measure"],
  ["migrate", "verify"],
  ["migrate", "lint"],
  ["migrate", "tag"],
  ["migrate", "renumber"],
  ["migrate", "prove"],
  ["migrate", "drift"],
  ["migrate", "bless"],
  ["migrate", "adopt"],
  ["compare"],
  ["hydrate"],
  ["recount"],
  ["reconcile", "prove"],
  ["reconcile", "undo"],
  ["reconcile"],
  ["verify"],
  ["status"],
  ["doctor"],
  ["report", "daily"],
  ["backfill", "snapshots"],
  ["backfill", "undo"],
  ["rebuild", "summaries"],
  ["rebuild", "command-stats"],
  ["jobs", "list"],
  ["jobs", "show"],
  ["jobs", "pause"],
  ["jobs", "resume"],
  ["jobs", "cancel"],
  ["audit", "list"],
  ["runbook", "list"],
  ["runbook", "show"],
  ["runbook", "run"],
  ["runbook", "resume"],
  ["runbook", "check"],
  ["backup"],
  ["demo"],
  ["version"],
];
