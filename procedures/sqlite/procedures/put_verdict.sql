-- put_verdict: takes in what a source says of one file.
--
-- Takes:  shasum, source; judged_at: since when it holds; is_malicious, detail; NULL where nothing is said
-- Writes: file_verdicts; file_verdicts_history, where it held before the newest version
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- What is not said stays as it was. Where nothing changes, only confirmed_at moves.
create view put_verdict as
  select
    cast(null as text) as shasum,
    cast(null as text) as source,
    cast(null as text) as judged_at,
    cast(null as integer) as is_malicious,
    cast(null as text) as detail
  where false;

create trigger tr_put_verdict_instead_of_insert
instead of insert on put_verdict
begin
  insert into file_verdicts_history
    (shasum, source, is_malicious, detail, judged_at, superseded_at)
  select
    new.shasum,
    new.source,
    new.is_malicious,
    new.detail,
    new.judged_at,
    t.judged_at
  from file_verdicts as t
  where
    t.shasum = new.shasum
    and t.source = new.source
    and t.judged_at > new.judged_at
  on conflict do nothing;

  insert into file_verdicts
    (shasum, source, is_malicious, detail, judged_at, confirmed_at)
  values
    (
      new.shasum,
      new.source,
      new.is_malicious,
      new.detail,
      new.judged_at,
      new.judged_at
    )
  on conflict (shasum, source) do update
    set
      is_malicious = coalesce(excluded.is_malicious, is_malicious),
      detail = coalesce(excluded.detail, detail),
      judged_at = excluded.judged_at,
      updated_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')
    where
      judged_at <= excluded.judged_at
      and (
        coalesce(excluded.is_malicious, is_malicious),
        coalesce(excluded.detail, detail)
      ) is not (is_malicious, detail);

  update file_verdicts
  set confirmed_at = new.judged_at
  where
    shasum = new.shasum
    and source = new.source
    and confirmed_at < new.judged_at;
end;
