-- rebuild_range: derives the sessions of a range of summary_id anew, and writes the rows that differ.
--
-- Takes:   job_id, whose counts grow; after_id, up_to_id; from_at and to_at, of the first_event_at as stored; parts: summaries,
--          command_stats, or both in one text; is_new, true where the summaries were put in empty a moment ago
-- Gives:   nothing
-- Calls:   has_differences; lock_chain, write_commands, rebuild_sessions, where something differs
-- Fails:   never
-- Differs: sqlite has a view with an INSTEAD OF trigger, needs no lock, and writes files alone where the summaries are right.
--
-- A range in which nothing differs is read once, and no seal waits for it. Under the lock no seal changes a session; the
-- statements that write see all that was committed before it.
create or replace function rebuild_range(
  job_id bigint,
  after_id bigint,
  up_to_id bigint,
  from_at timestamptz,
  to_at timestamptz,
  parts text,
  is_new boolean
)
returns void
language plpgsql
set search_path from current
as $$
begin
  if
    parts like '%command_stats%'
    and (is_new or has_differences(after_id, up_to_id, from_at, to_at, 'command_stats'))
  then
    perform lock_chain();
    perform write_commands(job_id, after_id, up_to_id, from_at, to_at);
  end if;

  if
    parts like '%summaries%'
    and (is_new or has_differences(after_id, up_to_id, from_at, to_at, 'summaries'))
  then
    perform lock_chain();
    perform rebuild_sessions(job_id, after_id, up_to_id, from_at, to_at, is_new);
  end if;
end;
$$;
