-- put_ip: takes in what a list, a network database or a service says of one address.
--
-- Takes:   ip_address, as in the events; enriched_at: since when it holds; asn, asn_name, country, label: what the list calls the
--          kind of address; dshield_reports; enrichment, a JSON object. All but the first two may be NULL
-- Gives:   nothing
-- Calls:   merge_ip, type_ip
-- Fails:   the codes of merge_ip
-- Differs: sqlite has a view with an INSTEAD OF trigger.
--
-- What is not given is looked for in an enrichment as the old system kept it. Codes that stand for no country are none.
create or replace function put_ip(
  ip_address text,
  enriched_at timestamptz,
  asn bigint default null,
  asn_name text default null,
  country text default null,
  label text default null,
  dshield_reports bigint default null,
  enrichment jsonb default null
)
returns void
language plpgsql
set search_path from current
as $$
begin
  perform merge_ip(
    put_ip.ip_address,
    put_ip.enriched_at,
    coalesce(
      put_ip.asn,
      whole_number(put_ip.enrichment #>> '{maxmind,asn}'),
      whole_number(put_ip.enrichment #>> '{cymru,asn}')
    ),
    put_ip.asn_name,
    (
      select upper(c.value)
      from
        unnest(
          array[
            put_ip.country,
            put_ip.enrichment #>> '{maxmind,country}',
            put_ip.enrichment #>> '{cymru,country}',
            put_ip.enrichment #>> '{dshield,ip,ascountry}'
          ]
        ) with ordinality as c (value, place)
      where
        upper(c.value) ~ '^[A-Z][A-Z]$'
        and upper(c.value) not in ('XX', 'ZZ', 'EU', 'AP')
      order by c.place
      limit 1
    ),
    coalesce(
      put_ip.label,
      (
        select string_agg(t.value #>> '{}', ',' order by t.place)
        from
          jsonb_path_query(put_ip.enrichment, 'strict $.spur.client.types[*]', silent => true)
          with ordinality as t (value, place)
        where jsonb_typeof(t.value) = 'string'
      )
    ),
    coalesce(
      put_ip.dshield_reports,
      whole_number(put_ip.enrichment #>> '{dshield,ip,count}')
    ),
    put_ip.enrichment
  );
  perform type_ip(put_ip.ip_address);
end;
$$;
