-- command_text: what a digest takes of a command of a session.
--
-- Takes:   a row of command_stats
-- Gives:   text
-- Calls:   time_text
-- Needs:   time_text
-- Fails:   never
-- Differs: sqlite has it within session_lines. PostgreSQL puts the body in place of the call.
create or replace function command_text(c command_stats)
returns text
language sql
stable
parallel safe
return concat(
  octet_length(c.command),
  ':',
  c.command,
  c.inputs,
  ' ',
  c.successes,
  ' ',
  c.failures,
  ' ',
  c.occurrences,
  ' ',
  time_text(c.first_seen),
  time_text(c.last_seen),
  c.high_risk::integer
) collate "C";
