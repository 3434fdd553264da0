-- Every object of the store's schema, or of all others, with a digest of what it is; the catalogs alone are read.
--
-- Trap: pg_get_viewdef and its like lock the table that they speak of, and so does a size. Here are the trees and numbers of
-- the catalogs instead: they say the same twice in one database, not in two.
--
-- With: chosen
-- Returns: many
-- Not null: kind, name, digest

select o.kind, o.name, md5(o.body) as digest
from
  (
    select
      'relation' as kind,
      c.nspname || '.' || c.relname as name,
      concat_ws(
        '|',
        c.relkind,
        c.relpersistence,
        c.relowner,
        c.reloptions::text,
        c.relacl::text,
        c.relrowsecurity,
        c.relforcerowsecurity,
        c.relreplident,
        c.relispartition
      ) as body
    from listed as c
    union all
    select
      'column',
      c.nspname || '.' || c.relname || '.' || a.attname,
      concat_ws(
        '|',
        a.attnum,
        format_type(a.atttypid, a.atttypmod),
        a.attnotnull,
        a.attidentity,
        a.attgenerated,
        a.attcollation,
        a.attstorage,
        a.attstattarget,
        a.attoptions::text,
        a.attacl::text,
        md5(d.adbin::text)
      )
    from
      listed as c
      join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0
      left join pg_catalog.pg_attrdef as d
        on d.adrelid = c.oid and d.adnum = a.attnum
    where not a.attisdropped
    union all
    select
      'constraint',
      c.nspname || '.' || c.relname || '.' || k.conname,
      concat_ws(
        '|',
        k.contype,
        k.condeferrable,
        k.condeferred,
        k.convalidated,
        k.conkey::text,
        k.confrelid,
        k.confkey::text,
        k.confupdtype,
        k.confdeltype,
        md5(k.conbin::text)
      )
    from
      listed as c
      join pg_catalog.pg_constraint as k on k.conrelid = c.oid
    union all
    select
      'index',
      c.nspname || '.' || c.relname,
      concat_ws(
        '|',
        i.indrelid,
        i.indkey::text,
        i.indisunique,
        i.indisprimary,
        i.indisvalid,
        i.indisready,
        i.indclass::text,
        i.indcollation::text,
        i.indoption::text,
        md5(i.indexprs::text),
        md5(i.indpred::text)
      )
    from
      listed as c
      join pg_catalog.pg_index as i on i.indexrelid = c.oid
    union all
    select
      'rule',
      c.nspname || '.' || c.relname || '.' || r.rulename,
      concat_ws('|', r.ev_type, r.ev_enabled, md5(r.ev_action::text))
    from
      listed as c
      join pg_catalog.pg_rewrite as r on r.ev_class = c.oid
    union all
    select
      'trigger',
      c.nspname || '.' || c.relname || '.' || t.tgname,
      concat_ws(
        '|',
        t.tgenabled,
        t.tgtype,
        t.tgfoid,
        t.tgattr::text,
        t.tgdeferrable,
        t.tginitdeferred,
        encode(t.tgargs, 'hex'),
        md5(t.tgqual::text)
      )
    from
      listed as c
      join pg_catalog.pg_trigger as t on t.tgrelid = c.oid
    where not t.tgisinternal
    union all
    select
      'sequence',
      c.nspname || '.' || c.relname,
      concat_ws(
        '|',
        q.seqtypid,
        q.seqstart,
        q.seqincrement,
        q.seqmax,
        q.seqmin,
        q.seqcache,
        q.seqcycle
      )
    from
      listed as c
      join pg_catalog.pg_sequence as q on q.seqrelid = c.oid
    union all
    select
      'routine',
      s.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(
        p.oid
      ) || ')',
      concat_ws(
        '|',
        p.prokind,
        p.prolang,
        p.prorettype,
        p.provolatile,
        p.prosecdef,
        p.proisstrict,
        p.proparallel,
        p.proleakproof,
        p.proconfig::text,
        p.proacl::text,
        md5(p.prosrc),
        md5(p.prosqlbody::text)
      )
    from
      pg_catalog.pg_proc as p
      join chosen as s on s.oid = p.pronamespace
    union all
    select
      'type',
      s.nspname || '.' || y.typname,
      concat_ws('|', y.typtype, y.typbasetype, y.typnotnull, e.labels)
    from
      pg_catalog.pg_type as y
      join chosen as s on s.oid = y.typnamespace
      left join lateral (
        select string_agg(l.enumlabel, ',' order by l.enumsortorder) as labels
        from pg_catalog.pg_enum as l
        where l.enumtypid = y.oid
      ) as e
        on true
    where y.typtype in ('d', 'e')
  ) as o
order by o.kind, o.name collate "C", digest;
