-- rebuild_summaries: derives the summaries and files of sessions anew from the events, batch by batch, to the end.
--
-- Takes:   batch_size, in sessions; from_at, to_at: first event of the sessions to rebuild, as stored; session_id: one session. All may be NULL
-- Calls:   open_job, where no job of the kind is open; run_job, which commits after each batch
-- Fails:   the codes of those
-- Differs: sqlite has a view with an INSTEAD OF trigger that does one batch.
--
-- What it calls commits, so it has no search_path of its own and names all with their schema.
create or replace procedure rebuild_summaries(
  batch_size bigint default null,
  from_at timestamptz default null,
  to_at timestamptz default null,
  session_id text default null
)
language plpgsql
as $$
begin
  call cowrie.run_job(cowrie.open_job('rebuild_summaries', from_at, to_at, session_id, batch_size), batch_size);
end;
$$;
