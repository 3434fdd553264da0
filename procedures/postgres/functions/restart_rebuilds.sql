-- restart_rebuilds: begins open rebuilds anew, for what they have done is not right any more.
--
-- Takes:   nothing
-- Gives:   nothing
-- Writes:  jobs: phase, cursor, session_cursor, processed, restarts
-- Fails:   never
-- Differs: sqlite has a view with an INSTEAD OF trigger, and calls it also for one job, where rows have other numbers than before.
--
-- Called when rules of scores change. restarts tells readers who look ahead that what they have seen is old.
create or replace function restart_rebuilds()
returns void
language sql
set search_path from current
as $$
  update jobs as j
  set
    phase = 'missing',
    cursor = case
      when j.params ->> 'session' is null then 0
      else greatest(j.last_cursor - 1, 0)
    end,
    session_cursor = '',
    processed = 0,
    restarts = j.restarts + 1
  where
    j.kind in ('rebuild_summaries', 'rebuild_command_stats')
    and j.state in ('running', 'paused', 'failed');
$$;
