-- job_next_sessions: the session that comes next in each job that is open.
--
-- Reads:   jobs; session_summaries; session_places; raw_events; session_items
-- Needs:   session_items, session_places
-- Differs: from sqlite in nothing but the spelling.
--
-- summary_id is set in the phase that walks the summaries.
create or replace view job_next_sessions as
  select
    j.job_id,
    s.summary_id,
    case j.phase
      when 'sessions' then s.session_id
      when 'missing' then (
        select min(e.session_id)
        from raw_events as e
        where
          e.session_id > j.session_cursor
          and e.session_id >= coalesce(j.params ->> 'session', '')
      )
      else (
        select min(i.session_id)
        from session_items as i
        where i.kind = j.kind and i.session_id > j.session_cursor
      )
    end as session_id
  from
    jobs as j
    left join session_summaries as s
      on s.summary_id = case j.phase
        when 'sessions' then (
          select n.summary_id
          from session_places as n
          where
            n.summary_id > j.cursor
            and n.summary_id <= j.last_cursor
            and n.first_event_at >= coalesce(
              (j.params ->> 'from')::timestamptz,
              '-infinity'
            )
            and (
              j.params ->> 'to' is null
              or n.first_event_at < (j.params ->> 'to')::timestamptz
            )
          order by n.summary_id
          limit 1
        )
      end
  where j.state in ('running', 'paused', 'failed');
