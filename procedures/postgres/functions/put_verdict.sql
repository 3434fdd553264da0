-- put_verdict: takes in what a source says of one file.
--
-- Takes:   shasum, source; judged_at: since when it holds; is_malicious, detail; NULL where nothing is said
-- Gives:   nothing
-- Writes:  file_verdicts; file_verdicts_history, where it held before the newest version
-- Fails:   never
-- Differs: sqlite has a view with an INSTEAD OF trigger.
--
-- What is not said stays as it was. Where nothing changes, only confirmed_at moves.
create or replace function put_verdict(
  shasum text,
  source text,
  judged_at timestamptz,
  is_malicious boolean,
  detail jsonb
)
returns void
language plpgsql
set search_path from current
as $$
begin
  insert into file_verdicts_history (shasum, source, is_malicious, detail, judged_at, superseded_at)
  select put_verdict.shasum, put_verdict.source, put_verdict.is_malicious, put_verdict.detail, put_verdict.judged_at, t.judged_at
  from file_verdicts as t
  where t.shasum = put_verdict.shasum and t.source = put_verdict.source and t.judged_at > put_verdict.judged_at
  on conflict do nothing;

  insert into file_verdicts as t (shasum, source, is_malicious, detail, judged_at, confirmed_at)
  values (put_verdict.shasum, put_verdict.source, put_verdict.is_malicious, put_verdict.detail, put_verdict.judged_at, put_verdict.judged_at)
  on conflict on constraint pk_file_verdicts do update
  set
    is_malicious = coalesce(excluded.is_malicious, t.is_malicious),
    detail = coalesce(excluded.detail, t.detail),
    judged_at = excluded.judged_at,
    updated_at = now()
  where
    t.judged_at <= excluded.judged_at
    and (coalesce(excluded.is_malicious, t.is_malicious), coalesce(excluded.detail, t.detail))
    is distinct from (t.is_malicious, t.detail);

  update file_verdicts as t
  set confirmed_at = put_verdict.judged_at
  where t.shasum = put_verdict.shasum and t.source = put_verdict.source and t.confirmed_at < put_verdict.judged_at;
end;
$$;
