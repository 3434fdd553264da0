-- time_text: an instant in the 27 characters that keys and sqlite have.
--
-- Takes:   moment
-- Gives:   text, as 2026-01-02T03:04:05.600000Z
-- Fails:   never
-- Differs: sqlite stores this form. PostgreSQL puts the body in place of the call, so the call costs nothing.
create or replace function time_text(moment timestamptz)
returns text
language sql
stable
parallel safe
return to_char(
  moment at time zone 'UTC',
  'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
) collate "C";
