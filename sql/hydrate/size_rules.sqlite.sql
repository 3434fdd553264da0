-- How large tables become in SQLite: bytes of the table for each byte that is copied, and bytes of its indexes for each row.
--
-- Returns: many
-- Not null: table_name, table_ratio, index_row_bytes
-- Differs: postgres has its own measures.
--
-- An empty name stands for all others. Measured with dbstat on two stores of 60,000 events of two kinds, which had come back
-- into a new file and differ by a tenth; the whole pages that small tables and indexes begin with are not counted here.

select
  r.table_name,
  cast(r.table_ratio as double precision) as table_ratio,
  cast(r.index_row_bytes as double precision) as index_row_bytes
from
  (
    select
      'raw_events' as table_name,
      1.27 as table_ratio,
      110.0 as index_row_bytes
    union all
    select 'session_summaries', 0.88, 87.0
    union all
    select 'command_stats', 1.31, 0.0
    union all
    select 'session_files', 1.1, 95.0
    union all
    select 'batch_evidence', 1.02, 0.0
    union all
    select '', 1.5, 40.0
  ) as r
order by r.table_name;
