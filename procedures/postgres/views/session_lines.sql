-- session_lines: a session with its commands and files as one text, the same in both engines; no two states give the same.
--
-- Reads:   session_summaries, command_stats, session_files
-- Calls:   session_day, session_text, command_text, file_text
-- Needs:   session_day, session_text, command_text, file_text
-- Differs: times and booleans are spelled as sqlite stores them.
create or replace view session_lines as
  select
    s.session_id,
    session_day(s) collate "C" as day,
    s.event_count,
    session_text(
      s,
      (
        select string_agg(command_text(c), ';' order by c.command)
        from command_stats as c
        where c.session_id = s.session_id
      ),
      (
        select string_agg(file_text(f), ';' order by f.shasum)
        from session_files as f
        where f.session_id = s.session_id
      )
    ) as line
  from session_summaries as s;
