-- A page of session files in canonical form, in key order.
--
-- Returns: many

select
  t.session_id,
  t.shasum,
  t.url,
  t.url_key,
  t.file_name,
  t.file_name_key,
  t.first_seen,
  t.occurrences
from session_files as t
where (t.session_id, t.shasum) > (:after_session, :after_shasum)
order by t.session_id, t.shasum
limit :row_limit;
