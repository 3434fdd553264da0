-- Whether there is a row of commands, or of files, whose session has no summary.
--
-- Returns: one
-- Not null: has_commands, has_files

select
  exists (
    select 1
    from command_stats as c
    where
      not exists (
        select 1 from session_summaries as s where s.session_id = c.session_id
      )
  ) as has_commands,
  exists (
    select 1
    from session_files as f
    where
      not exists (
        select 1 from session_summaries as s where s.session_id = f.session_id
      )
  ) as has_files;
