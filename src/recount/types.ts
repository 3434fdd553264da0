/** A rule of the table risk_rules; `pattern` is in ASCII lower case. */
export interface RiskRule {
  event_type: string;
  field: string;
  match: string;
  pattern: string;
  score: number;
}

/** Where a session id may stand; rows of session_identifiers, in order of priority. */
export interface SessionIdentifier {
  field: string;
  matcher: string;
}

/** What the files are read with; the rules and names come from the store's own tables. */
export interface RecountOptions {
  riskRules: readonly RiskRule[];
  /** From an event id in the numbered form to the name it has today. */
  legacyTypes: ReadonlyMap<string, string>;
  sessionIdentifiers?: readonly SessionIdentifier[];
  /** Reads objects that are written over several lines. */
  multiLine?: boolean;
}

/** The identifiers that a fresh store knows. */
export const defaultSessionIdentifiers: readonly SessionIdentifier[] = [
  { field: "session", matcher: "session" },
  { field: "session_id", matcher: "event_session" },
  { field: "sessionid", matcher: "event_session" },
  { field: "sid", matcher: "event_session" },
  { field: "message", matcher: "event_session" },
];

/** The columns of session_summaries that the log alone decides. Times are text of 27 characters, booleans 0 or 1. */
export interface SessionCount {
  session_id: string;
  source_ip: string | null;
  source_ip_key: string | null;
  source_ip_least: string | null;
  source_ip_greatest: string | null;
  sensor: string | null;
  sensor_key: string | null;
  sensor_least: string | null;
  sensor_greatest: string | null;
  protocol: string | null;
  protocol_key: string | null;
  client_version: string | null;
  client_version_key: string | null;
  hassh: string | null;
  hassh_key: string | null;
  has_connect: number;
  has_closed: number;
  has_session_field: number;
  matcher: string;
  is_collision: number;
  first_event_at: string;
  last_event_at: string;
  duration_seconds: number;
  reported_duration_ms: number | null;
  closed_count: number;
  event_count: number;
  command_inputs: number;
  command_successes: number;
  command_failures: number;
  command_count: number;
  login_attempts: number;
  login_successes: number;
  file_downloads: number;
  file_uploads: number;
  ssh_key_inputs: number;
  ssh_key_successes: number;
  ssh_key_failures: number;
  ssh_key_injections: number;
  risk_score: number;
}

/** A row of command_stats. */
export interface CommandCount {
  session_id: string;
  command: string;
  inputs: number;
  successes: number;
  failures: number;
  occurrences: number;
  first_seen: string;
  last_seen: string;
  high_risk: number;
}

/** A row of session_files. */
export interface FileCount {
  session_id: string;
  shasum: string;
  url: string | null;
  url_key: string | null;
  file_name: string | null;
  file_name_key: string | null;
  first_seen: string;
  occurrences: number;
}

/** What some log files come to. */
export interface Recount {
  /** Distinct accepted events, those without a session among them. */
  events: number;
  duplicates: number;
  rejected: Map<string, number>;
  skipped: Map<string, number>;
  /** Distinct accepted events that belong to no session. */
  unattributed: number;
  /** Bytes at the end of active files that are no whole record yet. */
  unread: number;
  sessions: Map<string, SessionCount>;
  /** By session id, U+0000 and command. */
  commands: Map<string, CommandCount>;
  /** By session id, U+0000 and shasum. */
  files: Map<string, FileCount>;
}

/** What one accepted record says. */
export interface LogEvent {
  session: string;
  hasSessionField: boolean;
  occurredAt: string;
  type: string;
  /** First 16 bytes of BLAKE3 of the record's bytes. */
  digest: Buffer;
  sourceIp: string | null;
  sensor: string | null;
  protocol: string | null;
  clientVersion: string | null;
  hassh: string | null;
  username: string | null;
  password: string | null;
  input: string | null;
  shasum: string | null;
  url: string | null;
  fileName: string | null;
  durationMs: number | null;
}
