-- session_day: the day of a session, which is that of its first event in UTC.
--
-- Takes:   a row of session_summaries
-- Gives:   text, as 2026-01-02
-- Fails:   never
-- Differs: sqlite has it within session_lines. PostgreSQL puts the body in place of the call.
create or replace function session_day(s session_summaries)
returns text
language sql
stable
parallel safe
return to_char(s.first_event_at at time zone 'UTC', 'YYYY-MM-DD') collate "C";
