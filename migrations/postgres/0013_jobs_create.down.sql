-- 0013_jobs_create: undo
--
-- Why:         Takes back the up file.
-- Undo:        Apply the up file again; the history of jobs is lost.

drop table job_failures;

drop table jobs;
