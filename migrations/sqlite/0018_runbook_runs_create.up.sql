-- 0018_runbook_runs_create
--
-- Why:         What a runbook did, step by step, is known later, and a run that was killed goes on at the step where it stopped.
-- Locks:       The write lock, for the catalogue change only.
-- Rewrites:    Nothing. The tables are new.
-- Undo:        The down file drops the records of all runs; no other table knows of them.
-- Transaction: one

create table runbook_runs (
  runbook_run_id integer constraint pk_runbook_runs primary key,
  runbook text not null,
  direction text not null constraint ck_runbook_runs_direction_known
    check (direction in ('forward', 'undo')),
  digest text not null constraint ck_runbook_runs_digest_length
    check (length(digest) = 64),
  tool_version text not null,
  state text not null constraint ck_runbook_runs_state_known
    check (state in ('running', 'stopped', 'done', 'given_up')),
  step_count integer not null,
  variables text not null default '{}' constraint ck_runbook_runs_variables_object
    check (json_valid(variables, 1) and json_type(variables) = 'object'),
  actor text not null,
  worker text not null,
  started_at text not null,
  finished_at text,
  constraint ck_runbook_runs_finished_at_set
    check ((state in ('done', 'given_up')) = (finished_at is not null))
)
strict;

create index ix_runbook_runs_runbook on runbook_runs (runbook, runbook_run_id);

create table runbook_steps (
  runbook_run_id integer not null constraint fk_runbook_steps_runbook_run_id_runbook_runs
    references runbook_runs (runbook_run_id),
  step_number integer not null constraint ck_runbook_steps_step_number_positive
    check (step_number > 0),
  attempt integer not null constraint ck_runbook_steps_attempt_positive
    check (attempt > 0),
  section text not null,
  label text not null,
  kind text not null constraint ck_runbook_steps_kind_known
    check (kind in ('command', 'gate', 'person')),
  what text not null,
  outcome text not null constraint ck_runbook_steps_outcome_known
    check (outcome in ('running', 'done', 'failed', 'skipped', 'passed_over')),
  exit_code integer,
  output text not null default '',
  started_at text not null,
  finished_at text,
  constraint pk_runbook_steps
    primary key (runbook_run_id, step_number, attempt),
  constraint ck_runbook_steps_finished_at_set
    check ((outcome = 'running') = (finished_at is null))
)
strict, without rowid;
