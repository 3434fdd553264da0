-- put_ip: takes in what a list, a network database or a service says of one address.
--
-- Takes:  ip_address, as in the events; enriched_at: since when it holds; asn, asn_name, country, label: what the list calls the
--         kind of address; dshield_reports; enrichment, a JSON object. All but the first two may be NULL
-- Calls:  merge_ip, type_ip
-- Fails:  the codes of merge_ip
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- What is not given is looked for in an enrichment as the old system kept it. Codes that stand for no country are none.
create view put_ip as
  select
    cast(null as text) as ip_address,
    cast(null as text) as enriched_at,
    cast(null as integer) as asn,
    cast(null as text) as asn_name,
    cast(null as text) as country,
    cast(null as text) as label,
    cast(null as integer) as dshield_reports,
    cast(null as text) as enrichment
  where false;

create trigger tr_put_ip_instead_of_insert
instead of insert on put_ip
begin
  insert into merge_ip
    (
      ip_address,
      enriched_at,
      current_asn,
      asn_name,
      geo_country,
      type_label,
      dshield_reports,
      enrichment
    )
  select
    new.ip_address,
    new.enriched_at,
    coalesce(
      new.asn,
      cast(new.enrichment ->> '$.maxmind.asn' as integer),
      cast(new.enrichment ->> '$.cymru.asn' as integer)
    ),
    new.asn_name,
    (
      select upper(c.value)
      from
        json_each(
          json_array(
            new.country,
            new.enrichment ->> '$.maxmind.country',
            new.enrichment ->> '$.cymru.country',
            new.enrichment ->> '$.dshield.ip.ascountry'
          )
        ) as c
      where
        upper(c.value) glob '[A-Z][A-Z]'
        and upper(c.value) not in ('XX', 'ZZ', 'EU', 'AP')
      order by c.key
      limit 1
    ),
    coalesce(
      new.label,
      (
        select group_concat(t.value, ',')
        from json_each(new.enrichment, '$.spur.client.types') as t
        where t.type = 'text'
      )
    ),
    coalesce(
      new.dshield_reports,
      cast(new.enrichment ->> '$.dshield.ip.count' as integer)
    ),
    json(new.enrichment);

  insert into type_ip (ip_address) values (new.ip_address);
end;
