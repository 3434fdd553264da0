-- The statement that gives a column, a value of a type, a table or a schema another name; a table may be in another schema by it.
--
-- Returns: one
-- Not null: statement

select
  case
    when cast(:kind as text) = 'column' then format(
      'alter table %s rename column %I to %I',
      t.full_name,
      cast(:name as text),
      cast(:wanted as text)
    )
    when cast(:kind as text) = 'value' then format(
      'alter type %s rename value %L to %L',
      t.full_name,
      cast(:name as text),
      cast(:wanted as text)
    )
    when cast(:kind as text) = 'schema' then format(
      'alter schema %s rename to %s',
      cast(:name as text),
      cast(:wanted as text)
    )
    when t.next[1] != t.parts[1]
    and cast(:of_store as integer) = 0 then format(
      'create schema if not exists %I; alter table %s set schema %I',
      t.next[1],
      t.full_name,
      t.next[1]
    )
    else format(
      'alter table %s rename to %I',
      t.full_name,
      t.next[array_upper(t.next, 1)]
    )
  end as statement
from
  (
    select
      case cast(:of_store as integer)
        when 1 then 'cowrie.'
        else ''
      end || cast(:relation as text) as full_name,
      parse_ident(
        case cast(:kind as text)
          when 'table' then cast(:wanted as text)
          else 'a'
        end
      ) as next,
      parse_ident(
        case cast(:kind as text)
          when 'table' then cast(:relation as text)
          else 'a'
        end
      ) as parts
  ) as t;
