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
        c.relispartition,
        md5(c.relpartbound::text),
        c.relam,
        c.reltablespace,
        c.reloftype,
        (
          select string_agg(h.inhparent::text, ',' order by h.inhseqno)
          from pg_catalog.pg_inherits as h
          where h.inhrelid = c.oid
        )
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
        a.attcompression,
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
      'constraint',
      s.nspname || '.' || y.typname || '.' || k.conname,
      concat_ws('|', k.contype, k.convalidated, md5(k.conbin::text))
    from
      pg_catalog.pg_constraint as k
      join pg_catalog.pg_type as y on y.oid = k.contypid
      join chosen as s on s.oid = y.typnamespace
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
        i.indisclustered,
        i.indisreplident,
        i.indnullsnotdistinct,
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
        p.proowner,
        p.procost,
        p.prorows,
        p.prosupport::oid,
        p.proretset,
        p.provariadic,
        p.proargnames::text,
        p.proargmodes::text,
        md5(p.proargdefaults::text),
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
      concat_ws(
        '|',
        y.typtype,
        y.typbasetype,
        y.typtypmod,
        y.typnotnull,
        y.typdefault,
        y.typcollation,
        y.typowner,
        y.typacl::text,
        g.rngsubtype,
        e.labels
      )
    from
      pg_catalog.pg_type as y
      join chosen as s on s.oid = y.typnamespace
      left join lateral (
        select string_agg(l.enumlabel, ',' order by l.enumsortorder) as labels
        from pg_catalog.pg_enum as l
        where l.enumtypid = y.oid
      ) as e
        on true
      left join pg_catalog.pg_range as g on g.rngtypid = y.oid
    where y.typtype in ('d', 'e', 'r')
    union all
    select
      'aggregate',
      s.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(
        p.oid
      ) || ')',
      to_jsonb(a)::text
    from
      pg_catalog.pg_aggregate as a
      join pg_catalog.pg_proc as p on p.oid = a.aggfnoid
      join chosen as s on s.oid = p.pronamespace
    union all
    select
      'policy',
      c.nspname || '.' || c.relname || '.' || p.polname,
      concat_ws(
        '|',
        p.polcmd,
        p.polpermissive,
        p.polroles::text,
        md5(p.polqual::text),
        md5(p.polwithcheck::text)
      )
    from
      listed as c
      join pg_catalog.pg_policy as p on p.polrelid = c.oid
    union all
    select
      'statistics',
      c.nspname || '.' || c.relname || '.' || x.stxname,
      concat_ws('|', x.stxkeys::text, x.stxkind::text, md5(x.stxexprs::text))
    from
      listed as c
      join pg_catalog.pg_statistic_ext as x on x.stxrelid = c.oid
    union all
    select
      'publication',
      c.nspname || '.' || c.relname || '.' || p.pubname,
      concat_ws('|', r.prattrs::text, md5(r.prqual::text))
    from
      listed as c
      join pg_catalog.pg_publication_rel as r on r.prrelid = c.oid
      join pg_catalog.pg_publication as p on p.oid = r.prpubid
    union all
    select 'schema', s.nspname, concat_ws('|', s.nspowner, n.nspacl::text)
    from
      chosen as s
      join pg_catalog.pg_namespace as n on n.oid = s.oid
    union all
    select
      'default privilege',
      concat_ws('.', s.nspname, x.defaclrole, x.defaclobjtype),
      x.defaclacl::text
    from
      pg_catalog.pg_default_acl as x
      left join chosen as s on s.oid = x.defaclnamespace
    where x.defaclnamespace = 0 or s.oid is not null
    union all
    select
      'event trigger',
      e.evtname::text,
      concat_ws(
        '|',
        e.evtevent,
        e.evtfoid,
        e.evtenabled,
        e.evttags::text,
        e.evtowner
      )
    from pg_catalog.pg_event_trigger as e
    union all
    select
      'extension',
      e.extname::text,
      concat_ws('|', e.extversion, e.extnamespace)
    from pg_catalog.pg_extension as e
  ) as o
order by o.kind, o.name collate "C", digest;
