-- What a copy does without while it loads, with the statements that set it aside and bring it back; what is brought back first has
-- the least step, and is set aside last.
--
-- Takes the tables that are copied, and those among them that are filled from nothing, as JSON lists of names.
-- Returns: many
-- Not null: step, kind, table_name, name, aside_text, back_text
--
-- Triggers and foreign keys are those of all tables: what is copied has been checked, folded and noted where it comes from. Only
-- a table that is filled from nothing goes without indexes. A key comes back as a unique index, which several connections
-- build at once, and then takes that index over. Where nothing is set aside the first statement does nothing. Triggers are disabled;
-- one with a transition table is dropped where much is copied, since every row is kept for it even while it is disabled.
-- Differs: sqlite sets triggers aside alone.

with
  copied as (
    select
      c.oid,
      cast(c.relname as text) as table_name,
      format('%I.%I', n.nspname, c.relname) as named,
      c.reloptions,
      cast(c.relname as text) in (
        select value
        from
          jsonb_array_elements_text(cast(cast(:empty_tables as text) as jsonb))
      ) as is_empty
    from
      pg_class as c
      join pg_namespace as n on n.oid = c.relnamespace
    where
      n.nspname = 'cowrie'
      and c.relkind = 'r'
      and c.relname in (
        select value
        from jsonb_array_elements_text(cast(cast(:tables as text) as jsonb))
      )
  ),
  keys as (
    select c.table_name, c.named, k.conname, k.oid, k.conindid, k.contype
    from
      copied as c
      join pg_constraint as k on k.conrelid = c.oid and k.contype in ('p', 'u')
    where c.is_empty
  ),
  foreign_keys as (
    select c.table_name, c.named, k.conname, k.oid
    from
      copied as c
      join pg_constraint as k on k.conrelid = c.oid and k.contype = 'f'
  ),
  parts(step, kind, table_name, name, aside_text, back_text) as (
    -- Dropped with its constraint.
    select
      1,
      'index',
      k.table_name,
      k.conname,
      'select 1',
      pg_get_indexdef(k.conindid)
    from keys as k
    union all
    select
      1,
      'index',
      c.table_name,
      i.relname,
      format('drop index cowrie.%I', i.relname),
      pg_get_indexdef(i.oid)
    from
      copied as c
      join pg_index as x on x.indrelid = c.oid
      join pg_class as i on i.oid = x.indexrelid
    where
      c.is_empty
      and not exists (
        select 1
        from pg_constraint as k
        where k.conindid = i.oid and k.contype in ('p', 'u')
      )
    union all
    select
      2,
      'constraint',
      k.table_name,
      k.conname,
      format('alter table %s drop constraint %I', k.named, k.conname),
      format(
        'alter table %s add constraint %I %s using index %I',
        k.named,
        k.conname,
        case k.contype
          when 'p' then 'primary key'
          else 'unique'
        end,
        k.conname
      )
    from keys as k
    union all
    select
      3,
      'foreign_key',
      f.table_name,
      f.conname,
      format('alter table %s drop constraint %I', f.named, f.conname),
      format(
        'alter table %s add constraint %I %s not valid',
        f.named,
        f.conname,
        replace(pg_get_constraintdef(f.oid), ' NOT VALID', '')
      )
    from foreign_keys as f
    union all
    select
      4,
      'validation',
      f.table_name,
      f.conname,
      'select 1',
      format('alter table %s validate constraint %I', f.named, f.conname)
    from foreign_keys as f
    union all
    select
      5,
      'trigger',
      c.table_name,
      c.table_name,
      format('alter table %s disable trigger user', c.named),
      format('alter table %s enable trigger user', c.named)
    from copied as c
    where
      exists (
        select 1
        from pg_trigger as t
        where t.tgrelid = c.oid and not t.tgisinternal and t.tgenabled = 'O'
      )
    union all
    select
      5,
      'trigger',
      c.table_name,
      t.tgname,
      format('drop trigger %I on %s', t.tgname, c.named),
      pg_get_triggerdef(t.oid)
    from
      copied as c
      join pg_trigger as t on t.tgrelid = c.oid
    where
      c.is_empty
      and not t.tgisinternal
      and t.tgenabled = 'O'
      and t.tgnewtable is not null
    union all
    select
      6,
      'sequence',
      c.table_name,
      a.attname,
      'select 1',
      format(
        'select setval(%L, greatest(coalesce(max(%I), 0), (select coalesce(max(cast(cast(row_key as jsonb) ->> 0 as bigint)), 0) from cowrie.hydration_quarantine where table_name = %L)) + 1, false) from %s',
        pg_get_serial_sequence(c.named, a.attname),
        a.attname,
        c.table_name,
        c.named
      )
    from
      copied as c
      join pg_attribute as a on a.attrelid = c.oid and a.attidentity != ''
    union all
    select
      7,
      'setting',
      c.table_name,
      'autovacuum_enabled',
      format('alter table %s set (autovacuum_enabled = false)', c.named),
      format('alter table %s reset (autovacuum_enabled)', c.named)
    from copied as c
    where
      c.is_empty
      and not exists (
        select 1
        from unnest(c.reloptions) as o (text)
        where o.text like 'autovacuum_enabled=%'
      )
    union all
    select
      8,
      'statistics',
      c.table_name,
      c.table_name,
      'select 1',
      format('analyze %s', c.named)
    from copied as c
  )
select
  p.step,
  p.kind,
  p.table_name,
  cast(p.name as text) as name,
  p.aside_text,
  p.back_text
from parts as p
order by p.step desc, p.table_name, p.name;
