-- Notes that the events of another store up to one of its rows are taken over.
--
-- Returns: one
-- Not null: job_id

insert into advance_adoption (job_id, fence, up_to_id)
values (:job_id, :fence, :up_to_id)
returning job_id;
