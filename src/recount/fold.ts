import { secondsBetween } from "./moment.ts";
import type { CommandCount, FileCount, LogEvent, Recount, RiskRule, SessionCount } from "./types.ts";

/** The rules of each event type. */
export type RiskTable = ReadonlyMap<string, readonly RiskRule[]>;

const commandTypes = new Map<string, "inputs" | "successes" | "failures">([
  ["cowrie.command.input", "inputs"],
  ["cowrie.command.success", "successes"],
  ["cowrie.command.failed", "failures"],
]);

/** Sorts risk rules by the event type they are about. */
export function riskTable(rules: readonly RiskRule[]): RiskTable {
  const table = new Map<string, RiskRule[]>();
  for (const rule of rules) {
    const sameType = table.get(rule.event_type);
    if (sameType === undefined) table.set(rule.event_type, [rule]);
    else sameType.push(rule);
  }
  return table;
}

/** Adds one event, seen for the first time, to the counts. An event without a session is counted and folds into nothing. */
export function addEvent(recount: Recount, event: LogEvent, rules: RiskTable): void {
  recount.events += 1;
  if (event.session === "") {
    recount.unattributed += 1;
    return;
  }
  const risk = riskOf(event, rules);
  let session = recount.sessions.get(event.session);
  if (session === undefined) {
    session = emptySession(event);
    recount.sessions.set(event.session, session);
  }
  addToSession(session, event, risk);
  addCommand(recount, event, risk);
  addFile(recount, event);
}

/** Fills in the columns that follow from others, once all events are in. */
export function completeSessions(recount: Recount): void {
  for (const s of recount.sessions.values()) {
    s.duration_seconds = secondsBetween(s.first_event_at, s.last_event_at);
    s.command_count = s.command_inputs > 0 ? s.command_inputs : s.command_successes + s.command_failures;
    s.ssh_key_injections = s.command_inputs > 0 ? s.ssh_key_inputs : s.ssh_key_successes + s.ssh_key_failures;
    s.is_collision = Number(
      s.source_ip_least !== s.source_ip_greatest || s.sensor_least !== s.sensor_greatest,
    );
    s.matcher = s.has_session_field === 1 ? "session_id_only" : "event_session";
    if (s.has_connect === 1 && s.has_closed === 1) s.matcher = "full_delimited";
  }
  for (const c of recount.commands.values()) {
    c.occurrences = c.inputs > 0 ? c.inputs : c.successes + c.failures;
  }
}

function emptySession(event: LogEvent): SessionCount {
  return {
    session_id: event.session,
    source_ip: null,
    source_ip_key: null,
    source_ip_least: null,
    source_ip_greatest: null,
    sensor: null,
    sensor_key: null,
    sensor_least: null,
    sensor_greatest: null,
    protocol: null,
    protocol_key: null,
    client_version: null,
    client_version_key: null,
    hassh: null,
    hassh_key: null,
    has_connect: 0,
    has_closed: 0,
    has_session_field: 0,
    matcher: "",
    is_collision: 0,
    first_event_at: event.occurredAt,
    last_event_at: event.occurredAt,
    duration_seconds: 0,
    reported_duration_ms: null,
    closed_count: 0,
    event_count: 0,
    command_inputs: 0,
    command_successes: 0,
    command_failures: 0,
    command_count: 0,
    login_attempts: 0,
    login_successes: 0,
    file_downloads: 0,
    file_uploads: 0,
    ssh_key_inputs: 0,
    ssh_key_successes: 0,
    ssh_key_failures: 0,
    ssh_key_injections: 0,
    risk_score: 0,
  };
}

function addToSession(s: SessionCount, event: LogEvent, risk: number): void {
  s.event_count += 1;
  s.risk_score = Math.max(s.risk_score, risk);
  if (event.hasSessionField) s.has_session_field = 1;
  if (event.occurredAt < s.first_event_at) s.first_event_at = event.occurredAt;
  if (event.occurredAt > s.last_event_at) s.last_event_at = event.occurredAt;
  const key = keyOf(event);
  if (isEarlier(event.sourceIp, key, s.source_ip_key)) [s.source_ip, s.source_ip_key] = [event.sourceIp, key];
  if (isEarlier(event.sensor, key, s.sensor_key)) [s.sensor, s.sensor_key] = [event.sensor, key];
  if (isEarlier(event.protocol, key, s.protocol_key)) [s.protocol, s.protocol_key] = [event.protocol, key];
  if (event.sourceIp) {
    if (isLess(event.sourceIp, s.source_ip_least)) s.source_ip_least = event.sourceIp;
    if (isGreater(event.sourceIp, s.source_ip_greatest)) s.source_ip_greatest = event.sourceIp;
  }
  if (event.sensor) {
    if (isLess(event.sensor, s.sensor_least)) s.sensor_least = event.sensor;
    if (isGreater(event.sensor, s.sensor_greatest)) s.sensor_greatest = event.sensor;
  }
  addByType(s, event, key);
}

function addByType(s: SessionCount, event: LogEvent, key: string): void {
  const sshKey = writesSshKey(event.input) ? 1 : 0;
  switch (event.type) {
    case "cowrie.session.connect":
      s.has_connect = 1;
      break;
    case "cowrie.session.closed":
      s.has_closed = 1;
      s.closed_count += 1;
      if (event.durationMs !== null) {
        s.reported_duration_ms = Math.max(s.reported_duration_ms ?? 0, event.durationMs);
      }
      break;
    case "cowrie.client.version":
      if (isEarlier(event.clientVersion, key, s.client_version_key)) {
        [s.client_version, s.client_version_key] = [event.clientVersion, key];
      }
      break;
    case "cowrie.client.kex":
    case "cowrie.client.fingerprint":
      if (isEarlier(event.hassh, key, s.hassh_key)) [s.hassh, s.hassh_key] = [event.hassh, key];
      break;
    case "cowrie.command.input":
      s.command_inputs += 1;
      s.ssh_key_inputs += sshKey;
      break;
    case "cowrie.command.success":
      s.command_successes += 1;
      s.ssh_key_successes += sshKey;
      break;
    case "cowrie.command.failed":
      s.command_failures += 1;
      s.ssh_key_failures += sshKey;
      break;
    case "cowrie.login.success":
      s.login_successes += 1;
      s.login_attempts += 1;
      break;
    case "cowrie.login.failed":
      s.login_attempts += 1;
      break;
    case "cowrie.session.file_download":
      s.file_downloads += 1;
      break;
    case "cowrie.session.file_upload":
      s.file_uploads += 1;
      break;
  }
}

function addCommand(recount: Recount, event: LogEvent, risk: number): void {
  const column = commandTypes.get(event.type);
  if (column === undefined || event.input === null) return;
  const at = `${event.session}\u0000${event.input}`;
  let command: CommandCount | undefined = recount.commands.get(at);
  if (command === undefined) {
    command = {
      session_id: event.session,
      command: event.input,
      inputs: 0,
      successes: 0,
      failures: 0,
      occurrences: 0,
      first_seen: event.occurredAt,
      last_seen: event.occurredAt,
      high_risk: 0,
    };
    recount.commands.set(at, command);
  }
  command[column] += 1;
  if (event.occurredAt < command.first_seen) command.first_seen = event.occurredAt;
  if (event.occurredAt > command.last_seen) command.last_seen = event.occurredAt;
  if (risk >= 70) command.high_risk = 1;
}

function addFile(recount: Recount, event: LogEvent): void {
  if (event.type !== "cowrie.session.file_download" && event.type !== "cowrie.session.file_upload") return;
  if (event.shasum === null || !/^[0-9a-f]{64}$/.test(event.shasum)) return;
  const at = `${event.session}\u0000${event.shasum}`;
  let file: FileCount | undefined = recount.files.get(at);
  if (file === undefined) {
    file = {
      session_id: event.session,
      shasum: event.shasum,
      url: null,
      url_key: null,
      file_name: null,
      file_name_key: null,
      first_seen: event.occurredAt,
      occurrences: 0,
    };
    recount.files.set(at, file);
  }
  file.occurrences += 1;
  if (event.occurredAt < file.first_seen) file.first_seen = event.occurredAt;
  const key = keyOf(event);
  if (isEarlier(event.url, key, file.url_key)) [file.url, file.url_key] = [event.url, key];
  if (isEarlier(event.fileName, key, file.file_name_key))
    [file.file_name, file.file_name_key] = [event.fileName, key];
}

/** What events are put in order by: the time, then the digest. */
function keyOf(event: LogEvent): string {
  return event.occurredAt + event.digest.toString("hex");
}

/** Whether an event has a value, and an earlier one than the one that is kept. Empty text is no value. */
function isEarlier(value: string | null, key: string, keptKey: string | null): boolean {
  return value !== null && value !== "" && (keptKey === null || key < keptKey);
}

function isLess(value: string, than: string | null): boolean {
  return than === null || compareBytes(value, than) < 0;
}

function isGreater(value: string, than: string | null): boolean {
  return than === null || compareBytes(value, than) > 0;
}

/** The order of the UTF-8 bytes, which is not that of JavaScript's UTF-16 units. */
function compareBytes(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function writesSshKey(input: string | null): boolean {
  if (input === null || !input.includes("authorized_keys")) return false;
  const hasKey = input.includes("ssh-") || input.includes("ecdsa-sha2-");
  return hasKey && (input.includes(">") || input.includes("tee "));
}

function riskOf(event: LogEvent, rules: RiskTable): number {
  let risk = 0;
  for (const rule of rules.get(event.type) ?? []) {
    if (rule.score <= risk) continue;
    const value = riskField(event, rule.field)?.replace(/[A-Z]+/g, (upper) => upper.toLowerCase());
    if (value !== undefined && matches(value, rule)) risk = rule.score;
  }
  return risk;
}

function matches(value: string, rule: RiskRule): boolean {
  if (rule.match === "equals") return value === rule.pattern;
  if (rule.match === "prefix") return value.startsWith(rule.pattern);
  return value.includes(rule.pattern);
}

function riskField(event: LogEvent, field: string): string | null {
  switch (field) {
    case "event_type":
      return event.type;
    case "input":
      return event.input;
    case "username":
      return event.username;
    case "password":
      return event.password;
    case "url":
      return event.url;
    case "shasum":
      return event.shasum;
    case "src_ip":
      return event.sourceIp;
    case "hassh":
      return event.hassh;
    default:
      return null;
  }
}
