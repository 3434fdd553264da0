-- How large tables become in PostgreSQL: bytes of the table for each byte that is copied, and bytes of its indexes for each row.
--
-- Returns: many
-- Not null: table_name, table_ratio, index_row_bytes
-- Differs: sqlite has its own measures.
--
-- An empty name stands for all others. Measured by bench/hydrate.ts on 50,000 and 60,000 events of two kinds, which differ by a
-- tenth; the whole pages that small tables and indexes begin with are not counted here.

select
  r.table_name,
  cast(r.table_ratio as double precision) as table_ratio,
  cast(r.index_row_bytes as double precision) as index_row_bytes
from
  (
    select
      'raw_events' as table_name,
      1.38 as table_ratio,
      105.0 as index_row_bytes
    union all
    select 'session_summaries', 0.95, 125.0
    union all
    select 'command_stats', 1.82, 70.0
    union all
    select 'session_files', 1.45, 150.0
    union all
    select 'batch_evidence', 1.08, 40.0
    union all
    select '', 1.5, 80.0
  ) as r
order by r.table_name;
