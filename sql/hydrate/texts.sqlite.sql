-- The statements that read and write a part of a table, which no file can hold since the catalogs name the columns.
--
-- Takes a table, its columns in order as JSON with name, expression, type and place in the key, and the bounds of the part: none,
-- after (a key), upto (a key, which is in it), both. Keys are bound in that order.
-- Returns: one
-- Not null: read_text, exact_text, row_text, cut_text, delete_text, write_text, replace_text, end_text, size_text, count_text, drop_row_text, pack_text
--
-- exact_text gives text as bytes: a text that is no UTF-8 comes changed otherwise. row_text reads a row by its key in that
-- way. cut_text gives the key so many rows behind the bound, end_text the
-- last one, size_text the bytes of a row, from the first ones. write_text and keys take texts as bytes too; replace_text is for a row whose place
-- another one has.
--
-- pack_text gives the first rows of the part, as many as are bound last, as one value, which is read at a third of the cost of a
-- value for each column. In it a whole number ends with a semicolon; a real is its whole part and what is left in 2^-60, each with
-- one; a text has its length and a colon before it, as the hexadecimal digits of a blob have; of NULL the sign alone is there. Of a
-- row that is longer than most, or has a real that is not its parts, there is an exclamation mark and the key. The rows are a
-- list of their own, cut off by a LIMIT, so that what is asked of their length does not make them twice; asking it of each value
-- took a fifth of the time.

with
  named as (
    select
      j.key as position,
      '"' || replace(
        j.value ->> '$.expression',
        '"',
        '""'
      ) || '"' as expression,
      j.value ->> '$.type' as type_name,
      j.value ->> '$.key' as key_position
    from json_each(:columns) as j
  ),
  columns as (
    select
      n.position,
      n.expression,
      n.type_name,
      n.key_position,
      case n.type_name
        when 'text' then 'octet_length(' || n.expression || '), '':'', ' || n.expression
        when 'bytea' then '2 * octet_length(' || n.expression || '), '':'', hex(' || n.expression || ')'
        when 'double precision' then 'cast(' || n.expression || ' as integer), '';'', cast((' || n.expression || ' - cast(' || n.expression || ' as integer)) * 1152921504606846976.0 as integer), '';'''
        else n.expression || ', '';'''
      end as packed,
      case
        when n.type_name = 'double precision' then 'cast(' || n.expression || ' as integer) + cast((' || n.expression || ' - cast(' || n.expression || ' as integer)) * 1152921504606846976.0 as integer) / 1152921504606846976.0 != ' || n.expression
      end as is_odd
    from named as n
  ),
  lists as (
    select
      group_concat(c.expression, ', ' order by c.position) as expressions,
      group_concat(
        case c.type_name
          when 'text' then 'cast(' || c.expression || ' as blob)'
          else c.expression
        end,
        ', '
        order by c.position
      ) as exact,
      group_concat(
        case c.type_name
          when 'text' then 'cast(? as text)'
          else '?'
        end,
        ', '
        order by c.position
      ) as places,
      group_concat(
        'coalesce(octet_length(' || c.expression || '), 0)',
        ' + '
      ) as sizes,
      group_concat(c.packed, ', ' order by c.position) as packed,
      group_concat(c.packed, ', ' order by c.key_position) filter (
        where c.key_position > 0
      ) as packed_key,
      group_concat(c.is_odd, ' or ') as is_odd
    from columns as c
  ),
  keys as (
    select
      group_concat(
        c.expression || ' desc',
        ', '
        order by c.key_position
      ) as backward,
      group_concat(c.expression, ', ' order by c.key_position) as expressions,
      group_concat(
        case c.type_name
          when 'text' then 'cast(? as text)'
          else '?'
        end,
        ', '
        order by c.key_position
      ) as places
    from columns as c
    where c.key_position > 0
  ),
  parts as (
    select
      '"' || replace(:table_name, '"', '""') || '"' as named,
      case
        when :bounds in (
          'after',
          'both'
        ) then ' and (' || k.expressions || ') > (' || k.places || ')'
        else ''
      end || case
        when :bounds in (
          'upto',
          'both'
        ) then ' and (' || k.expressions || ') <= (' || k.places || ')'
        else ''
      end as bounded
    from keys as k
  )
select
  'select ' || l.expressions || ' from ' || p.named || ' where true' || p.bounded || ' order by ' || k.expressions as read_text,
  'select ' || l.exact || ' from ' || p.named || ' where true' || p.bounded || ' order by ' || k.expressions as exact_text,
  'select ' || l.exact || ' from ' || p.named || ' where (' || k.expressions || ') = (' || k.places || ')' as row_text,
  'select ' || k.expressions || ' from ' || p.named || ' where true' || p.bounded || ' order by ' || k.expressions || ' limit 1 offset ?' as cut_text,
  'delete from ' || p.named || ' where true' || p.bounded as delete_text,
  'insert into ' || p.named || ' (' || l.expressions || ') values (' || l.places || ')' as write_text,
  'insert or replace into ' || p.named || ' (' || l.expressions || ') values (' || l.places || ')' as replace_text,
  'select ' || k.expressions || ' from ' || p.named || ' where true' || p.bounded || ' order by ' || k.backward || ' limit 1' as end_text,
  'select cast(avg(bytes) as integer) from (select ' || l.sizes || ' as bytes from ' || p.named || ' limit 64)' as size_text,
  'select count(*) from ' || p.named || ' where true' || p.bounded as count_text,
  'delete from ' || p.named || ' where (' || k.expressions || ') = (' || k.places || ')' as drop_row_text,
  'select count(*), cast(group_concat(case when octet_length(p.fields) > 16000 or p.is_odd then p.alone else p.fields end, '''') as blob) from (select concat(' || l.packed || ') as fields, ' || coalesce(
    l.is_odd,
    'false'
  ) || ' as is_odd, concat(''!'', ' || l.packed_key || ') as alone from ' || p.named || ' where true' || p.bounded || ' order by ' || k.expressions || ' limit ?) as p' as pack_text
from
  lists as l
  cross join keys as k
  cross join parts as p;
