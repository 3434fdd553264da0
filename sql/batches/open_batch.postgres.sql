-- Opens a batch of a source and gives its number.
--
-- Returns: one

insert into ingest_batches (source_id, run_id, kind, first_offset, actor)
values (:source_id, :run_id, :kind, :first_offset, :actor)
returning batch_id;
