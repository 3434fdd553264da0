-- rebuild_new_session: makes the summaries, commands and files of sessions that have events and no summary.
--
-- Takes:   job_id, whose counts grow; session_ids
-- Gives:   nothing
-- Writes:  session_summaries: an empty row each, for rebuild_range to fill
-- Calls:   lock_chain, for a seal may be about to make the row; rebuild_range
-- Fails:   never
-- Differs: sqlite has a view with an INSTEAD OF trigger, for one session.
--
-- Called by rebuild_missing and rebuild_session. Nobody sees the empty rows: they are filled in the same transaction. Under the
-- lock nobody else makes summaries, so the new ones stand side by side.
create or replace function rebuild_new_session(
  job_id bigint,
  session_ids text[]
)
returns void
language plpgsql
set jit = off
set search_path from current
as $$
declare
  v_first_id bigint;
  v_last_id bigint;
begin
  perform lock_chain();
  with
    made as (
      insert into session_summaries (
        session_id, has_connect, has_closed, has_session_field, first_event_at, last_event_at, closed_count,
        event_count, command_inputs, command_successes, command_failures, login_attempts, login_successes,
        file_downloads, file_uploads, ssh_key_inputs, ssh_key_successes, ssh_key_failures, risk_score
      )
      select
        t.session_id,
        false, false, false, '9999-12-31T23:59:59.999999Z', '0001-01-01T00:00:00.000000Z', 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0
      from unnest(session_ids) as t (session_id)
      order by t.session_id
      on conflict do nothing
      returning summary_id
    )
  select min(m.summary_id), max(m.summary_id) into v_first_id, v_last_id
  from made as m;

  if v_first_id is not null then
    perform rebuild_range(
      rebuild_new_session.job_id, v_first_id - 1, v_last_id, '-infinity', 'infinity',
      'summaries command_stats', true
    );
  end if;
end;
$$;
