-- repair_states: repairs that are not undone, and whether their session has changed since.
--
-- Reads:   repairs; session_lines; session_summaries; command_stats; session_files
-- Needs:   session_lines
-- Differs: from sqlite in nothing but the spelling.
--
-- A session has changed where its derived rows are others, or where its summary was written to: a seal does, and whoever
-- writes snapshots must.
create or replace view repair_states as
  select
    r.repair_id,
    r.run_id,
    r.session_id,
    r.repaired_at,
    (
      (
        select l.line
        from session_lines as l
        where l.session_id = r.session_id
      ) is distinct from r.after_line
      or (
        select s.updated_at
        from session_summaries as s
        where s.session_id = r.session_id
      ) is distinct from r.after_updated_at
      or (
        r.after_line is null
        and (
          exists (
            select 1
            from command_stats as c
            where c.session_id = r.session_id
          )
          or exists (
            select 1
            from session_files as f
            where f.session_id = r.session_id
          )
        )
      )
    ) as is_changed
  from repairs as r
  where r.undone_at is null and r.repaired_at is not null;
