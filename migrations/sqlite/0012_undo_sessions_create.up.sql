-- 0012_undo_sessions_create
--
-- Why:         An undo must remember, until its end, which sessions it touches and which events move to another batch.
-- Locks:       The write lock, for the catalogue change only.
-- Rewrites:    Nothing. The tables are new, and empty whenever no undo is under way.
-- Undo:        The down file drops both tables.
-- Transaction: one
-- Differs:     unfinished_batch_id refers to a table that stays empty, so an unfinished undo cannot commit where foreign keys are on; postgres has a deferred constraint trigger.

create table undo_sessions (
  session_id text not null,
  batch_id integer not null constraint fk_undo_sessions_batch_id_ingest_batches
    references ingest_batches (batch_id),
  unfinished_batch_id integer generated always as (
    case
      when session_id = '' then batch_id
    end
  ) stored constraint fk_undo_sessions_unfinished_batch_id_unsealed_batches
    references unsealed_batches (unsealed_batch_id)
      deferrable initially deferred,
  constraint pk_undo_sessions primary key (session_id, batch_id)
)
strict, without rowid;

create table undo_events (
  event_id integer constraint pk_undo_events primary key,
  carried_for_batch_id integer not null constraint fk_undo_events_carried_for_batch_id_ingest_batches
    references ingest_batches (batch_id),
  ordinal integer not null,
  constraint uq_undo_events_ordinal unique (carried_for_batch_id, ordinal)
)
strict;
