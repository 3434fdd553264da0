-- rebuild_range: derives the sessions of a range of summary_id anew, and writes the rows that differ.
--
-- Takes:   job_id, whose counts grow; after_id, up_to_id; from_at and to_at, of the first_event_at as stored; parts: summaries,
--          command_stats, or both in one text; is_new, true where the summaries were put in empty a moment ago
-- Gives:   nothing
-- Reads:   session_differences; command_differences; file_differences
-- Calls:   lock_chain, where something differs; write_commands, write_files, rebuild_sessions
-- Fails:   never
-- Differs: sqlite has a view with an INSTEAD OF trigger, and needs no lock.
--
-- A range in which nothing differs is read once, and no seal waits for it; its summaries are right then, so the files of those
-- alone that count some are read. Under the lock no seal changes a session; the
-- statements that write see all that was committed before it. Hash joins are off, for without statistics of a range
-- they read all events; measured as in fold_batch, compiling costs more than it gains.
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
set jit = off
set enable_hashjoin = off
set enable_mergejoin = off
set search_path from current
as $$
begin
  if
    parts like '%command_stats%'
    and (
      is_new
      or exists (
        select 1
        from command_differences as d
        where
          d.summary_id > after_id
          and d.summary_id <= up_to_id
          and d.stored_first_at >= from_at
          and (d.stored_first_at < to_at or to_at = 'infinity')
      )
    )
  then
    perform lock_chain();
    perform write_commands(job_id, after_id, up_to_id, from_at, to_at);
  end if;

  if
    parts like '%summaries%'
    and (
      is_new
      or exists (
        select 1
        from session_differences as d
        where
          d.summary_id > after_id
          and d.summary_id <= up_to_id
          and d.stored_first_at >= from_at
          and (d.stored_first_at < to_at or to_at = 'infinity')
      )
      or exists (
        select 1
        from session_summaries as s
        where
          s.summary_id > after_id
          and s.summary_id <= up_to_id
          and not exists (select 1 from raw_events as e where e.session_id = s.session_id)
      )
    )
  then
    perform lock_chain();
    perform rebuild_sessions(job_id, after_id, up_to_id, from_at, to_at, is_new);
  end if;

  if
    parts like '%summaries%'
    and exists (
        select 1
        from file_differences as d
        where
          d.summary_id > after_id
          and d.summary_id <= up_to_id
          and d.stored_first_at >= from_at
          and (d.stored_first_at < to_at or to_at = 'infinity')
        and d.is_counted
    )
  then
    perform lock_chain();
    perform write_files(job_id, after_id, up_to_id, from_at, to_at, true);
  end if;
end;
$$;
