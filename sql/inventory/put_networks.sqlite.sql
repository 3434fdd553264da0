-- Takes in what a source says of networks; rows is a JSON array of objects.
--
-- Returns: many
-- Not null: asn

insert into put_network
  (asn, enriched_at, asn_name, country, registry, kind, enrichment)
select
  r.value ->> '$.asn',
  r.value ->> '$.enriched_at',
  r.value ->> '$.name',
  r.value ->> '$.country',
  r.value ->> '$.registry',
  r.value ->> '$.kind',
  r.value -> '$.enrichment'
from json_each(:rows) as r
order by r.value ->> '$.asn'
returning asn;
