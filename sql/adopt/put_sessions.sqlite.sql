-- Keeps the snapshots of a page of sessions of another store.
--
-- Returns: one
-- Not null: job_id

insert into adopt_sessions (job_id, fence, rows)
values (:job_id, :fence, :rows)
returning job_id;
