-- 0003_session_summaries_copy: undo
--
-- Why:         The values may stay; the walk begins anew when the up file is applied again.
-- Undo:        Apply the up file again.
-- Loses:       session_summaries, column_copies: values that were copied stay.

update column_copies
set
  last_key = '',
  next_key = '',
  end_key = (
    select coalesce(max(s.session_id), '')
    from session_summaries as s
  )
where column_name = 'snapshot_ip_type';
