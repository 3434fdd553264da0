-- The statements that read and write a part of a table, which no file can hold since the catalogs name the columns.
--
-- Takes a table, its columns in order as JSON with name, expression, type and place in the key, and the bounds of the part: none,
-- after (a key), upto (a key, which is in it), both. Keys are bound in that order.
-- Returns: one
-- Not null: read_text, exact_text, row_text, cut_text, delete_text, write_text, replace_text, end_text, size_text, count_text, drop_row_text, pack_text
--
-- Differs: text is always UTF-8 here, so exact_text reads as read_text does; write_text takes rows in COPY's binary form, and there is
-- no replace_text and no pack_text. Keys are given as texts where a number of a client could not hold them.

with
  columns as (
    select
      j.position,
      quote_ident(j.value ->> 'name') as name,
      j.value ->> 'type' as type_name,
      cast(j.value ->> 'key' as integer) as key_position
    from
      jsonb_array_elements(
        cast(cast(:columns as text) as jsonb)
      ) with ordinality as j (value, position)
  ),
  lists as (
    select string_agg(c.name, ', ' order by c.position) as names
    from columns as c
  ),
  numbered as (
    select
      c.name,
      case c.type_name
        when 'bigint' then 'cast(' || c.name || ' as text) as ' || quote_ident(
          'key ' || c.name
        )
        else c.name
      end as shown,
      row_number() over (order by c.key_position) as place,
      count(*) over () as key_count
    from columns as c
    where c.key_position > 0
  ),
  keys as (
    select
      string_agg(n.name, ', ' order by n.place) as names,
      string_agg(n.shown, ', ' order by n.place) as shown,
      string_agg(n.name || ' desc', ', ' order by n.place) as backward,
      string_agg('$' || n.place, ', ' order by n.place) as firsts,
      string_agg(
        '$' || (n.place + n.key_count),
        ', '
        order by n.place
      ) as seconds,
      max(n.key_count) as key_count
    from numbered as n
  ),
  parts as (
    select
      quote_ident(cast(:table_name as text)) as named,
      case
        when cast(:bounds as text) in (
          'after',
          'both'
        ) then ' and (' || k.names || ') > (' || k.firsts || ')'
        else ''
      end || case cast(:bounds as text)
        when 'upto' then ' and (' || k.names || ') <= (' || k.firsts || ')'
        when 'both' then ' and (' || k.names || ') <= (' || k.seconds || ')'
        else ''
      end as bounded,
      case cast(:bounds as text)
        when 'none' then 1
        when 'both' then 2 * k.key_count + 1
        else k.key_count + 1
      end as next_place
    from keys as k
  )
select
  'select ' || l.names || ' from ' || p.named || ' where true' || p.bounded || ' order by ' || k.names as read_text,
  'select ' || l.names || ' from ' || p.named || ' where true' || p.bounded || ' order by ' || k.names as exact_text,
  'select ' || l.names || ' from ' || p.named || ' where (' || k.names || ') = (' || k.firsts || ')' as row_text,
  'select ' || k.shown || ' from ' || p.named || ' where true' || p.bounded || ' order by ' || k.names || ' limit 1 offset $' || p.next_place as cut_text,
  'delete from ' || p.named || ' where true' || p.bounded as delete_text,
  'copy ' || p.named || ' (' || l.names || ') from stdin (format binary)' as write_text,
  '' as replace_text,
  'select ' || k.shown || ' from ' || p.named || ' where true' || p.bounded || ' order by ' || k.backward || ' limit 1' as end_text,
  'select cast(avg(pg_column_size(t.*)) as bigint) from (select * from ' || p.named || ' limit 64) as t' as size_text,
  'select count(*) from ' || p.named || ' where true' || p.bounded as count_text,
  'delete from ' || p.named || ' where (' || k.names || ') = (' || k.firsts || ')' as drop_row_text,
  '' as pack_text
from
  lists as l
  cross join keys as k
  cross join parts as p;
