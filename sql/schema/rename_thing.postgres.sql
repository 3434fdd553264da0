-- The statement that gives a column, or a table in its schema, another name.
--
-- Returns: one
-- Not null: statement

select
  case cast(:kind as text)
    when 'column' then format(
      'alter table %s rename column %I to %I',
      t.full_name,
      cast(:name as text),
      cast(:wanted as text)
    )
    else format(
      'alter table %s rename to %I',
      t.full_name,
      (parse_ident(cast(:wanted as text)))[
        array_upper(parse_ident(cast(:wanted as text)), 1)
      ]
    )
  end as statement
from
  (
    select
      case cast(:of_store as integer)
        when 1 then 'cowrie.'
        else ''
      end || cast(:relation as text) as full_name
  ) as t;
