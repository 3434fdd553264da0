-- Begins a job that takes back what a backfill of snapshots has filled, unless it is open.
--
-- Returns: one
-- Not null: filled_by_job_id

insert into open_clear (filled_by_job_id, batch_size, actor)
values (:filled_by_job_id, :batch_size, :actor)
returning filled_by_job_id;
