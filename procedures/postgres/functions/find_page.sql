-- find_page: the end of the next page of sessions in the order that jobs walk.
--
-- Takes:   after_id, up_to_id: behind which summary it begins, and where it ends at the latest; from_at and to_at, of the
--          first_event_at as stored; page_size, NULL for all
-- Gives:   last_id of the page, NULL where no session is left; session_count
-- Reads:   session_places
-- Fails:   never
-- Differs: sqlite has the query itself where it is needed.
--
-- A page is read by the index in its order: for a plan made once, or of estimates, the planner may sort all sessions that are
-- left, or start workers that each page waits for.
create or replace function find_page(
  after_id bigint,
  up_to_id bigint,
  from_at timestamptz,
  to_at timestamptz,
  page_size bigint
)
returns table (last_id bigint, session_count bigint)
language plpgsql
stable
set plan_cache_mode = force_generic_plan
set max_parallel_workers_per_gather = 0
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set search_path from current
as $$
begin
  return query
    select max(t.summary_id), count(*)
    from
      (
        select s.summary_id
        from session_places as s
        where
          s.summary_id > after_id
          and s.summary_id <= up_to_id
          and s.first_event_at >= from_at
          and (s.first_event_at < to_at or to_at = 'infinity')
        order by s.summary_id
        limit page_size
      ) as t;
end;
$$;
