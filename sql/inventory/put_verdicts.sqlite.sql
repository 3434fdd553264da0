-- Takes in what a source says of files; rows is a JSON array of objects.
--
-- Returns: many
-- Not null: shasum

insert into put_verdict (shasum, source, judged_at, is_malicious, detail)
select
  r.value ->> '$.shasum',
  r.value ->> '$.source',
  r.value ->> '$.judged_at',
  r.value ->> '$.is_malicious',
  r.value -> '$.detail'
from json_each(:rows) as r
order by r.value ->> '$.shasum', r.value ->> '$.source'
returning shasum;
