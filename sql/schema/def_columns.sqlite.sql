-- Columns and constraints of tables, a row for each thing that can be said of one; what changes one writes its table anew.
--
-- Returns: many
-- Not null: kind, relation, name, facet, value, in_create, place

with recursive
  tables(name, sql) as materialized (
    select o.name, o.sql
    from
      sqlite_schema as o
      join pragma_table_list as l on l.schema = 'main' and l.name = o.name
    where
      o.type = 'table'
      and l.type not in ('shadow', 'virtual')
      and o.name not like 'sqlite\_%' escape '\'
      and :of_store is not null
      and :owner is not null
  ),
  -- One step a word, a blank, a text or a comment; item is the part of the table between two commas.
  walk(name, rest, size, depth, item, place) as (
    select t.name, t.sql, 1, 0, -1, 0
    from tables as t
    union all
    select
      w.name,
      substr(w.rest, w.size + 1),
      (
        select
          case
            when substr(r.text, 1, 1) in ('''', '"', '`') then 1 + instr(
              substr(r.text, 2),
              substr(r.text, 1, 1)
            )
            when substr(r.text, 1, 1) = '[' then instr(r.text, ']')
            when substr(r.text, 1, 2) = '--' then instr(
              r.text || char(10),
              char(10)
            )
            when substr(r.text, 1, 2) = '/*' then instr(r.text, '*/') + 1
            else max(
              1,
              length(r.text) - length(
                ltrim(
                  r.text,
                  'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789'
                )
              ),
              length(r.text) - length(
                ltrim(r.text, ' ' || char(9) || char(10) || char(13))
              )
            )
          end
        from (select substr(w.rest, w.size + 1) as text) as r
      ),
      w.depth + case substr(w.rest, 1, w.size)
        when '(' then 1
        when ')' then -1
        else 0
      end,
      case
        when w.depth = 0
        and w.item = -1
        and substr(w.rest, 1, w.size) = '(' then 0
        when w.depth = 1
        and substr(w.rest, 1, w.size) = ')' then 1000000
        when w.depth = 1
        and substr(w.rest, 1, w.size) = ',' then w.item + 1
        else w.item
      end,
      w.place + 1
    from walk as w
    where w.rest != ''
  ),
  pieces(name, item, place, text) as (
    select
      w.name,
      w.item,
      w.place,
      case
        when substr(w.rest, 1, 2) in ('--', '/*') then ' '
        when trim(
          substr(w.rest, 1, w.size),
          ' ' || char(9) || char(10) || char(13)
        ) = '' then ' '
        when w.depth = 1
        and substr(w.rest, 1, w.size) in (',', ')') then ''
        else substr(w.rest, 1, w.size)
      end
    from walk as w
    where w.item >= 0 and w.rest != ''
  ),
  -- A blank behind a blank is none.
  letters(name, item, place, letter) as (
    select
      p.name,
      p.item,
      p.place,
      iif(
        p.text = ' '
        and lag(p.text, 1, ' ') over (
          partition by p.name, p.item
          order by p.place
        ) = ' ',
        '',
        p.text
      )
    from pieces as p
  ),
  items(name, item, text) as materialized (
    select l.name, l.item, trim(group_concat(l.letter, '' order by l.place))
    from letters as l
    group by l.name, l.item
  ),
  words(name, item, text, word) as (
    select
      i.name,
      i.item,
      i.text,
      lower(substr(i.text, 1, instr(replace(i.text, '(', ' ') || ' ', ' ') - 1))
    from items as i
  ),
  columns as (
    select
      w.name as table_name,
      w.text,
      row_number() over (
        partition by w.name
        order by w.item
      ) - 1 as cid
    from words as w
    where
      w.item < 1000000
      and w.word not in ('constraint', 'primary', 'unique', 'check', 'foreign')
  ),
  described as materialized (
    select
      c.table_name,
      x.name,
      x.cid,
      c.text,
      upper(x.type) as type,
      iif(x."notnull" = 1, 'not null', 'null') as nullability,
      coalesce(x.dflt_value, '') as standard,
      iif(x.pk = 0, '', 'column ' || x.pk || ' of it') as in_key,
      case x.hidden
        when 2 then 'virtual'
        when 3 then 'stored'
        else ''
      end as generation,
      iif(
        instr(lower(c.text), ' collate ') = 0,
        '',
        substr(
          replace(lower(c.text), ',', ' '),
          instr(lower(c.text), ' collate ') + 9,
          instr(
            substr(
              replace(lower(c.text), ',', ' ') || ' ',
              instr(lower(c.text), ' collate ') + 9
            ),
            ' '
          ) - 1
        )
      ) as collation
    from
      columns as c
      join pragma_table_xinfo(c.table_name) as x on x.cid = c.cid
  )
select
  'column' as kind,
  d.table_name as relation,
  d.name,
  '' as facet,
  '' as value,
  -- What ALTER TABLE does not take is written with its whole table.
  iif(
    d.in_key = ''
    and d.generation != 'stored'
    and lower(d.text) not like '%unique%'
    and not (d.nullability = 'not null' and d.standard = '')
    and d.standard not like '%(%'
    and lower(d.standard) not like 'current%'
    and not (d.standard != '' and lower(d.text) like '%references%'),
    printf('alter table "%w" add column %s', d.table_name, d.text),
    null
  ) as put,
  cast(null as text) as remove,
  d.text as part,
  1 as in_create,
  d.cid as place
from described as d
union all
select
  'column',
  d.table_name,
  d.name,
  f.facet,
  case f.facet
    when 'type' then d.type
    when 'nullability' then d.nullability
    when 'default' then d.standard
    when 'primary key' then d.in_key
    when 'generation' then d.generation
    when 'collation' then d.collation
    when 'definition' then d.text
    else d.cid + 1
  end,
  null,
  null,
  null,
  1,
  d.cid
from
  described as d
  join (
    select 'type' as facet
    union all
    select 'nullability'
    union all
    select 'default'
    union all
    select 'primary key'
    union all
    select 'generation'
    union all
    select 'collation'
    union all
    select 'definition'
    union all
    select 'place'
  ) as f
union all
select
  'constraint',
  w.name,
  iif(
    w.word = 'constraint',
    trim(
      substr(
        trim(substr(w.text, 11)),
        1,
        instr(trim(substr(w.text, 11)) || ' ', ' ')
      ),
      ' "`[]'
    ),
    w.text
  ),
  '',
  w.text,
  null,
  null,
  null,
  1,
  w.item
from words as w
where
  w.item < 1000000
  and w.word in ('constraint', 'primary', 'unique', 'check', 'foreign')
union all
select 'table', i.name, '', 'options', lower(i.text), null, null, null, 1, 0
from items as i
where i.item = 1000000;
