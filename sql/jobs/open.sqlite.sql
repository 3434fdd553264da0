-- Begins a job, unless one of its kind is open.
--
-- Returns: one
-- Not null: kind

insert into open_job (kind, from_at, to_at, session_id, batch_size, actor)
values (:kind, :from_at, :to_at, :session_id, :batch_size, :actor)
returning kind;
