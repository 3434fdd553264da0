-- Takes in what a source says of networks; rows is a JSON array of objects.
--
-- Returns: many
-- Not null: asn

select r.asn
from
  (
    select t.*
    from
      jsonb_to_recordset(cast(cast(:rows as text) as jsonb)) as t (
        asn bigint,
        enriched_at timestamptz,
        name text,
        country text,
        registry text,
        kind text,
        enrichment jsonb
      )
    order by t.asn
  ) as r
  cross join lateral put_network(
    r.asn,
    r.enriched_at,
    r.name,
    r.country,
    r.registry,
    r.kind,
    r.enrichment
  ) as done;
