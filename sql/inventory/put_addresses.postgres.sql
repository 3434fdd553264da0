-- Takes in what a source says of addresses; rows is a JSON array of objects.
--
-- Returns: many
-- Not null: ip_address

select r.ip_address
from
  (
    select t.*
    from
      jsonb_to_recordset(cast(cast(:rows as text) as jsonb)) as t (
        ip_address text,
        enriched_at timestamptz,
        asn bigint,
        asn_name text,
        country text,
        label text,
        dshield_reports bigint,
        enrichment jsonb
      )
    order by t.ip_address
  ) as r
  cross join lateral put_ip(
    r.ip_address,
    r.enriched_at,
    r.asn,
    r.asn_name,
    r.country,
    r.label,
    r.dshield_reports,
    r.enrichment
  ) as done;
