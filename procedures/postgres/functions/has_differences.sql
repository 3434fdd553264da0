-- has_differences: whether a rebuild of a range of sessions would write anything.
--
-- Takes:   after_id, up_to_id; from_at and to_at, of the first_event_at as stored; parts: summaries, command_stats, or both in
--          one text
-- Gives:   a boolean
-- Reads:   session_differences; command_differences; file_differences
-- Fails:   never
-- Differs: sqlite has a named query, has_differences, and the same text in rebuild_range.
--
-- Called by rebuild_range and by the readers beside a rebuild. Where the summaries are right, the files of those alone that count
-- some are read. One plan serves all ranges, for planning took longer than reading some thousand events, and that plan must
-- look each session up: without statistics, or with a session that has many events, the planner may read all events instead.
create or replace function has_differences(
  after_id bigint,
  up_to_id bigint,
  from_at timestamptz,
  to_at timestamptz,
  parts text
)
returns boolean
language plpgsql
stable
set jit = off
set plan_cache_mode = force_generic_plan
set max_parallel_workers_per_gather = 0
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_sort = off
set search_path from current
as $$
begin
  return
    parts like '%command_stats%'
    and exists (
      select 1
      from command_differences as d
      where
        d.summary_id > after_id
        and d.summary_id <= up_to_id
        and d.stored_first_at >= from_at
        and (d.stored_first_at < to_at or to_at = 'infinity')
    )
    or parts like '%summaries%'
    and (
      exists (
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
        from file_differences as d
        where
          d.summary_id > after_id
          and d.summary_id <= up_to_id
          and d.stored_first_at >= from_at
          and (d.stored_first_at < to_at or to_at = 'infinity')
          and d.is_counted
      )
    );
end;
$$;
