-- Notes the batch size that a worker takes next, unless somebody has set another one meanwhile.
--
-- Returns: none

update jobs
set batch_size = :batch_size
where job_id = :job_id and fence = :fence and batch_size = :known_size;
