-- What becomes of a value on its way from PostgreSQL to SQLite, by the types of its column.
--
-- Returns: many
-- Not null: sqlite_type, postgres_type, conversion
-- Differs: postgres says what becomes of it on its way there.

select r.sqlite_type, r.postgres_type, r.conversion
from
  (
    select
      'text' as sqlite_type,
      'text' as postgres_type,
      'the same characters' as conversion
    union all
    select
      'text',
      'jsonb',
      'the text that it was made of, where that is known and says the same; else the same JSON value without blanks'
    union all
    select
      'text',
      'timestamp with time zone',
      'the same instant, to the microsecond; one outside of the years 1 to 9999 is kept out'
    union all
    select 'blob', 'bytea', 'the same bytes'
    union all
    select
      'real',
      'double precision',
      'the same 64 bits; what is no number is kept out'
    union all
    select 'integer', 'bigint', 'the same whole number'
    union all
    select 'integer', 'integer', 'the same whole number'
    union all
    select 'integer', 'boolean', 'true is 1, false is 0'
  ) as r
order by r.sqlite_type, r.postgres_type;
