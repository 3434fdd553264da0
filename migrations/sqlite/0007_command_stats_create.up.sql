-- 0007_command_stats_create
--
-- Why:         What was typed and which files came along, by session, kept by the seal alone.
-- Locks:       The write lock, for the catalogue change only.
-- Rewrites:    Nothing. The tables are new.
-- Undo:        The down file drops both tables; a rebuild makes them again.
-- Transaction: one
-- Differs:     the key holds the command itself; postgres holds its SHA-256, for its indexes take 2,704 bytes.

create table command_stats (
  session_id text not null,
  command text not null,
  inputs integer not null,
  successes integer not null,
  failures integer not null,
  occurrences integer not null generated always as (
    case
      when inputs > 0 then inputs
      else successes + failures
    end
  ) stored,
  first_seen text not null,
  last_seen text not null,
  high_risk integer not null constraint ck_command_stats_high_risk_boolean
    check (high_risk in (0, 1)),
  constraint pk_command_stats primary key (session_id, command)
)
strict, without rowid;

create table session_files (
  session_id text not null,
  shasum text not null,
  url text,
  url_key text,
  file_name text,
  file_name_key text,
  first_seen text not null,
  occurrences integer not null constraint ck_session_files_occurrences_positive
    check (occurrences > 0),
  constraint pk_session_files primary key (session_id, shasum)
)
strict, without rowid;

create index ix_session_files_shasum on session_files (shasum);

create table command_scores (
  event_type text not null,
  command text not null,
  risk_score integer not null constraint ck_command_scores_risk_score_range
    check (risk_score between 0 and 100),
  constraint pk_command_scores primary key (command, event_type)
)
strict, without rowid;
