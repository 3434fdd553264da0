-- Keeps the snapshots of a page of sessions of another store.
--
-- Returns: one
-- Not null: job_id

select cast(:job_id as bigint) as job_id
from adopt_sessions(:job_id, :fence, cast(cast(:rows as text) as jsonb)) as r;
