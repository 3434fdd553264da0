-- What becomes of a value on its way from SQLite to PostgreSQL, by the types of its column.
--
-- Returns: many
-- Not null: sqlite_type, postgres_type, conversion
-- Differs: sqlite says what becomes of it on its way back.

select r.sqlite_type, r.postgres_type, r.conversion
from
  (
    select
      'text' as sqlite_type,
      'text' as postgres_type,
      'the same characters; a NUL or bytes that are no UTF-8 are kept out' as conversion
    union all
    select
      'text',
      'jsonb',
      'the same JSON value: keys once and sorted, the last of two equal ones; the evidence has the text as it was'
    union all
    select
      'text',
      'timestamp with time zone',
      'the same instant, to the microsecond'
    union all
    select 'blob', 'bytea', 'the same bytes'
    union all
    select 'real', 'double precision', 'the same 64 bits'
    union all
    select 'integer', 'bigint', 'the same whole number'
    union all
    select
      'integer',
      'integer',
      'the same whole number; one beyond 31 bits is kept out'
    union all
    select
      'integer',
      'boolean',
      '1 is true, 0 is false; another number is kept out'
  ) as r
order by r.sqlite_type, r.postgres_type;
