-- 0001_session_summaries_create
--
-- Why:         The table as it was, so that the change can be rehearsed. Leave this file out where the table is there.
-- Locks:       The write lock, for the catalogue change only.
-- Rewrites:    Nothing. The table is new.
-- Undo:        The down file drops the table with all it holds.
-- Transaction: one

create table session_summaries (
  session_id text constraint pk_session_summaries primary key,
  first_event_at text not null,
  snapshot_ip_types text
)
strict;
