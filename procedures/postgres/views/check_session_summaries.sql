-- check_session_summaries: session summaries that are not what the events of the session add up to; rows are violations.
--
-- Reads:   session_recount, session_summaries
-- Needs:   session_recount
-- Differs: from sqlite in nothing but the spelling.
--
-- column_name is empty where a whole row is missing or has no events. Asked for some sessions it reads them alone.
create or replace view check_session_summaries as
  select
    r.session_id,
    k.key as column_name,
    case
      when s.session_id is not null then j.stored ->> k.key
    end as stored,
    case
      when s.session_id is null then 'a row'
      else k.value
    end as expected
  from
    session_recount as r
    left join session_summaries as s on s.session_id = r.session_id
    cross join lateral (
      select
        to_jsonb(s) as stored,
        to_jsonb(r) - array['session_id'] as expected
      offset 0
    ) as j
    cross join lateral jsonb_each_text(
      case
        when s.session_id is null then '{"": 1}'::jsonb
        else j.expected
      end
    ) as k
  where
    not coalesce(j.stored @> j.expected, false)
    and (s.session_id is null or (j.stored ->> k.key) is distinct from k.value)
  union all
  select s.session_id, '' as column_name, 'a row' as stored, null as expected
  from session_summaries as s
  where
    not exists (
      select 1 from raw_events as e where e.session_id = s.session_id
    );
