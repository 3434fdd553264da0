-- rebuild_new_session: makes the summary, commands and files of a session that has events and no summary.
--
-- Takes:   job_id, whose counts grow; session_id
-- Gives:   nothing
-- Writes:  session_summaries: an empty row, for rebuild_range to fill
-- Calls:   lock_chain, for a seal may be about to make the row; rebuild_range
-- Fails:   never
-- Differs: sqlite has a view with an INSTEAD OF trigger.
--
-- Called by rebuild_missing and repair_session. Nobody sees the empty row: it is filled in the same transaction.
create or replace function rebuild_new_session(job_id bigint, session_id text)
returns void
language plpgsql
set jit = off
set search_path from current
as $$
declare
  v_summary_id bigint;
begin
  perform lock_chain();
  insert into session_summaries (
    session_id, has_connect, has_closed, has_session_field, first_event_at, last_event_at, closed_count,
    event_count, command_inputs, command_successes, command_failures, login_attempts, login_successes,
    file_downloads, file_uploads, ssh_key_inputs, ssh_key_successes, ssh_key_failures, risk_score
  )
  values (
    rebuild_new_session.session_id,
    false, false, false, '9999-12-31T23:59:59.999999Z', '0001-01-01T00:00:00.000000Z', 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0
  )
  on conflict do nothing
  returning summary_id into v_summary_id;

  if found then
    perform rebuild_range(
      rebuild_new_session.job_id, v_summary_id - 1, v_summary_id, '-infinity', 'infinity',
      'summaries command_stats', true
    );
  end if;
end;
$$;
