-- Notes something found; what was found before is seen once more.
--
-- Returns: none

insert into reconcile_findings
  (
    class,
    table_name,
    session_id,
    item,
    column_name,
    stored,
    expected,
    state,
    first_seen_run_id,
    last_seen_run_id
  )
values
  (
    :class,
    :table_name,
    :session_id,
    :item,
    :column_name,
    :stored,
    :expected,
    'open',
    :run_id,
    :run_id
  )
on conflict (session_id, class, table_name, item, column_name) do update
  set
    stored = excluded.stored,
    expected = excluded.expected,
    state = 'open',
    first_seen_run_id = case
      when reconcile_findings.state = 'open' then reconcile_findings.first_seen_run_id
      else excluded.first_seen_run_id
    end,
    last_seen_run_id = excluded.last_seen_run_id,
    closed_run_id = null;
