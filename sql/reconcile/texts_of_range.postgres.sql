-- The parts of the buckets of a range as they are: by day and part the sessions, their events, and all that is derived of them as
-- one text.
--
-- Returns: many
-- Not null: day, part_number, sessions, events, lines
--
-- Differs: postgres reads the range of each table at once and lays the rows side by side, where session_lines looks each session
-- up, and finds the part of a session by halves; a join with 64 parts takes as long as the texts.

with
  bounds as materialized (
    select
      r.from_session,
      r.before_session,
      (
        select array_agg(p.from_session order by p.part_number)
        from reconcile_parts as p
        where p.range_number = r.range_number
      ) as parts
    from reconcile_ranges as r
    where r.range_number = :range_number
  ),
  commands as materialized (
    select
      c.session_id,
      string_agg(command_text(c), ';' order by c.command) as texts
    from command_stats as c
    where
      c.session_id >= (select b.from_session from bounds as b)
      and c.session_id < (select b.before_session from bounds as b)
    group by c.session_id
  ),
  files as materialized (
    select
      f.session_id,
      string_agg(file_text(f), ';' order by f.shasum) as texts
    from session_files as f
    where
      f.session_id >= (select b.from_session from bounds as b)
      and f.session_id < (select b.before_session from bounds as b)
    group by f.session_id
  )
select
  t.day,
  t.part_number,
  count(*) as sessions,
  cast(sum(t.event_count) as bigint) as events,
  string_agg(t.line, '' order by t.session_id) as lines
from
  (
    select
      session_day(s) collate "C" as day,
      width_bucket(
        s.session_id,
        (select b.parts from bounds as b)
      ) - 1 as part_number,
      s.session_id,
      s.event_count,
      session_text(s, c.texts, f.texts) as line
    from
      session_summaries as s
      left join commands as c on c.session_id = s.session_id
      left join files as f on f.session_id = s.session_id
    where
      s.session_id >= (select b.from_session from bounds as b)
      and s.session_id < (select b.before_session from bounds as b)
  ) as t
group by t.day, t.part_number
order by t.day, t.part_number;
