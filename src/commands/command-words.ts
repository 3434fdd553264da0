/** Commands with words behind their name. */
export const takesOperands = new Set([
  ...["ingest bulk", "ingest delta", "ingest undo", "inventory import", "recount"],
  ...[
    "dlq show",
    "migrate bless",
    "registry list",
    "jobs show",
    "jobs pause",
    "jobs resume",
    "jobs cancel",
    "backfill undo",
  ],
  ...["reconcile prove", "reconcile undo", "migrate lint"],
  ...["migrate renumber", "migrate tag"],
  ...["runbook show", "runbook run", "runbook resume", "runbook check", "backup"],
]);

/** What the operand of a command is called, where it is no path. */
export const operands = new Map([
  ["ingest undo", "batch"],
  ["inventory import", "file"],
  ["reconcile prove", "session"],
  ["reconcile undo", "run"],
  ["runbook resume", "run"],
  ["inventory import", "file"],
  ["backup", "file"],
  ["migrate bless", "migration"],
  ["migrate lint", "file"],
  ["migrate renumber", "migration"],
  ["migrate tag", "name"],
  ["backfill undo", "job"],
  ...["show", "run", "check"].map((verb) => [`runbook ${verb}`, "name"] as const),
  ...["show", "pause", "resume", "cancel"].map((verb) => [`jobs ${verb}`, "job"] as const),
]);

/** Options that take a value. */
export const valueOptions = new Set([
  ...["--db", "--batch-size", "--confirm", "--day", "--limit", "--poll-interval", "--rate-limit"],
  ...["--reason", "--source", "--since", "--until", "--before", "--after", "--id", "--batches"],
  ...["--from-batch", "--export", "--against", "--table", "--actor", "--status-dir", "--hook"],
  ...["--from", "--to", "--session", "--sample-events", "--mode", "--exit-zero-on"],
  ...["--as-of", "--label", "--columns", "--with"],
  ...["--set", "--verify-into", "--max-batches", "--dir", "--owner", "--phase", "--workers", "--as"],
  ...["--count", "--at", "--note"],
  ...["--shadow"],
]);
