-- Keeps the accepted records of a batch as they were read.
--
-- Returns: none

insert into batch_evidence (batch_id, codec, line_count, line_bytes, lines)
values (:batch_id, 'gzip', :line_count, :line_bytes, :lines);
