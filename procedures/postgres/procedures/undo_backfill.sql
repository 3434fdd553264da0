-- undo_backfill: takes back what a backfill of snapshots has filled, batch by batch, to the end.
--
-- Takes:   job_id: the backfill; batch_size, in sessions, may be NULL
-- Calls:   open_clear; run_job, which commits after each batch
-- Fails:   the codes of those
-- Differs: sqlite has a view with an INSTEAD OF trigger that does one batch.
--
-- What it calls commits, so it has no search_path of its own and names all with their schema.
create or replace procedure undo_backfill(
  job_id bigint,
  batch_size bigint default null
)
language plpgsql
as $$
begin
  call cowrie.run_job(cowrie.open_clear(job_id, batch_size), batch_size);
end;
$$;
