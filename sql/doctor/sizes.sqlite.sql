-- The tables of the file by size, greatest first, with their indexes; every page is looked at, so a large file gives none.
--
-- Returns: many
-- Not null: name, size_bytes, row_count, dead_rows

select
  o.tbl_name as name,
  cast(sum(d.pgsize) as integer) as size_bytes,
  cast(-1 as integer) as row_count,
  cast(0 as integer) as dead_rows
from
  dbstat as d
  join sqlite_schema as o on o.name = d.name
where
  d.aggregate = 1
  and (
    select c.page_count * s.page_size <= :most_bytes
    from
      pragma_page_count as c
      join pragma_page_size as s
  )
group by o.tbl_name
order by 2 desc, 1;
