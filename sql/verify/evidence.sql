-- The evidence of a batch.
--
-- Returns: maybe

select codec, line_count, line_bytes, lines
from batch_evidence
where batch_id = :batch_id;
