-- Where each sequence goes on: the next number that it gives, and whether it counts upwards.
--
-- Returns: many
-- Not null: name, next_value, is_rising

select
  format('%I.%I', s.schemaname, s.sequencename) as name,
  case
    when s.last_value is null then s.start_value
    else s.last_value + s.increment_by
  end::text as next_value,
  (s.increment_by > 0)::integer as is_rising
from pg_catalog.pg_sequences as s
where s.schemaname not like 'pg\_%' and s.sequencename !~ 'schema_ledger'
order by 1;
