-- file_text: what a digest takes of a file of a session.
--
-- Takes:   a row of session_files
-- Gives:   text
-- Calls:   time_text
-- Needs:   time_text
-- Fails:   never
-- Differs: sqlite has it within session_lines. PostgreSQL puts the body in place of the call.
create or replace function file_text(f session_files)
returns text
language sql
stable
parallel safe
return concat(
  octet_length(f.shasum),
  ':',
  f.shasum,
  octet_length(f.url),
  ':',
  f.url,
  octet_length(f.url_key),
  ':',
  f.url_key,
  octet_length(f.file_name),
  ':',
  f.file_name,
  octet_length(f.file_name_key),
  ':',
  f.file_name_key,
  time_text(f.first_seen),
  f.occurrences
) collate "C";
