-- 0007_command_stats_create
--
-- Why:         What was typed and which files came along, by session, kept by the seal alone.
-- Locks:       ACCESS EXCLUSIVE on the new tables alone, for the catalogue change only.
-- Rewrites:    Nothing. The tables are new.
-- Undo:        The down file drops both tables; a rebuild makes them again.
-- Transaction: one
-- Differs:     the key holds the SHA-256 of the command, for a btree entry ends at 2,704 bytes; sqlite holds the command.

-- SHA-256 of the bytes of a text in the encoding of the database, which is UTF-8. A cast to bytea reads backslashes as
-- escapes, hence the doubling; convert_to() is not immutable and would forbid both the generated column and inlining.
create function text_digest(value text)
returns bytea
language sql
immutable
strict
parallel safe
return sha256(replace(value, '\', '\\')::bytea);

create table command_stats (
  session_id text collate "C" not null,
  command text collate "C" not null,
  command_digest bytea not null generated always as (
    text_digest(command)
  ) stored,
  inputs integer not null,
  successes integer not null,
  failures integer not null,
  occurrences integer not null generated always as (
    case
      when inputs > 0 then inputs
      else successes + failures
    end
  ) stored,
  first_seen timestamptz not null,
  last_seen timestamptz not null,
  high_risk boolean not null,
  constraint pk_command_stats primary key (session_id, command_digest)
);

create table session_files (
  session_id text collate "C" not null,
  shasum text collate "C" not null,
  url text collate "C",
  url_key text collate "C",
  file_name text collate "C",
  file_name_key text collate "C",
  first_seen timestamptz not null,
  occurrences integer not null constraint ck_session_files_occurrences_positive
    check (occurrences > 0),
  constraint pk_session_files primary key (session_id, shasum)
);

create index ix_session_files_shasum on session_files (shasum);

create table command_scores (
  event_type text collate "C" not null,
  command text collate "C" not null,
  command_digest bytea not null generated always as (
    text_digest(command)
  ) stored,
  risk_score integer not null constraint ck_command_scores_risk_score_range
    check (risk_score between 0 and 100),
  constraint pk_command_scores primary key (command_digest, event_type)
);
