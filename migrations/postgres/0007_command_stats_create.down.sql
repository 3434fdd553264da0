-- 0007_command_stats_create: undo
--
-- Why:         Takes back the up file.
-- Undo:        Apply the up file again and rebuild.

drop table command_scores;
drop table session_files;
drop table command_stats;
drop function text_digest(text);
