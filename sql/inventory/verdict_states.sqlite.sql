-- What the inventory has of some files' verdicts, as one text each, and how many older versions.
--
-- Returns: many
-- Not null: subject, state, versions

select
  i.shasum || ' ' || i.source as subject,
  json_array(i.is_malicious, i.detail, i.judged_at) as state,
  (
    select count(*)
    from file_verdicts_history as h
    where h.shasum = i.shasum and h.source = i.source
  ) as versions
from file_verdicts as i
where
  i.shasum in (
    select substr(k.value, 1, 64)
    from json_each(:subjects) as k
  );
