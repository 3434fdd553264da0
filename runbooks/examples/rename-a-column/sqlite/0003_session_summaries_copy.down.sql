-- 0003_session_summaries_copy: undo
--
-- Why:         The values may stay; the walk begins anew when the up file is applied again.
-- Undo:        Apply the up file again.
-- Loses:       session_summaries, column_copies: values that were copied stay.

update column_copies
set
  last_rowid = (
    select coalesce(min(s.rowid), 1) - 1
    from session_summaries as s
  ),
  end_rowid = (
    select coalesce(max(s.rowid), 0)
    from session_summaries as s
  )
where column_name = 'snapshot_ip_type';
