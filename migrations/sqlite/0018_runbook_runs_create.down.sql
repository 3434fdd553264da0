-- 0018_runbook_runs_create: undo
--
-- Why:         Takes back the up file.
-- Undo:        Apply the up file again; the records of runs are lost.

drop table runbook_steps;

drop table runbook_runs;
