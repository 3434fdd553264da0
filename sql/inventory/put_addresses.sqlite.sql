-- Takes in what a source says of addresses; rows is a JSON array of objects.
--
-- Returns: many
-- Not null: ip_address

insert into put_ip
  (
    ip_address,
    enriched_at,
    asn,
    asn_name,
    country,
    label,
    dshield_reports,
    enrichment
  )
select
  r.value ->> '$.ip_address',
  r.value ->> '$.enriched_at',
  r.value ->> '$.asn',
  r.value ->> '$.asn_name',
  r.value ->> '$.country',
  r.value ->> '$.label',
  r.value ->> '$.dshield_reports',
  r.value -> '$.enrichment'
from json_each(:rows) as r
order by r.value ->> '$.ip_address'
returning ip_address;
