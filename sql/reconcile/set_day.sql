-- Notes the digest of a day.
--
-- Returns: none

insert into reconcile_days (day, digest)
values (:day, :digest)
on conflict (day) do update
  set digest = excluded.digest;
