-- 0012_undo_sessions_create
--
-- Why:         An undo must remember, until its end, which sessions it touches and which events move to another batch.
-- Locks:       ACCESS EXCLUSIVE on the new tables alone, for the catalogue change only.
-- Rewrites:    Nothing. The tables are new, and empty whenever no undo is under way.
-- Undo:        The down file drops both tables.
-- Transaction: one
-- Differs:     no unfinished_batch_id; a deferred constraint trigger (WR036) refuses to commit an unfinished undo.

create table undo_sessions (
  session_id text collate "C" not null,
  batch_id bigint not null constraint fk_undo_sessions_batch_id_ingest_batches
    references ingest_batches (batch_id),
  constraint pk_undo_sessions primary key (session_id, batch_id)
);

create table undo_events (
  event_id bigint constraint pk_undo_events primary key,
  carried_for_batch_id bigint not null constraint fk_undo_events_carried_for_batch_id_ingest_batches
    references ingest_batches (batch_id),
  ordinal bigint not null,
  constraint uq_undo_events_ordinal unique (carried_for_batch_id, ordinal)
);
