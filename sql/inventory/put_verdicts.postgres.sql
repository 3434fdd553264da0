-- Takes in what a source says of files; rows is a JSON array of objects.
--
-- Returns: many
-- Not null: shasum

select r.shasum
from
  (
    select t.*
    from
      jsonb_to_recordset(cast(cast(:rows as text) as jsonb)) as t (
        shasum text,
        source text,
        judged_at timestamptz,
        is_malicious boolean,
        detail jsonb
      )
    order by t.shasum, t.source
  ) as r
  cross join lateral put_verdict(
    r.shasum,
    r.source,
    r.judged_at,
    r.is_malicious,
    r.detail
  ) as done;
