-- session_items: the sessions that a job of a kind has written rows for beside the summaries.
--
-- Reads:   command_stats; session_files
-- Differs: from sqlite in nothing but the spelling.
create or replace view session_items as
  select 'rebuild_command_stats' as kind, c.session_id
  from command_stats as c
  union all
  select 'rebuild_summaries' as kind, f.session_id
  from session_files as f;
