-- pick_key: the key of a value that was picked, as sqlite has it.
--
-- Takes:   pick, of session_picks; first_order and first_text: the time of the session's first event, as a pick has it and written out
-- Gives:   the time of the pick in 27 characters, and the digest of its line
-- Calls:   time_text, order_time
-- Needs:   time_text, order_time
-- Fails:   never
-- Differs: sqlite has such a key in its picks.
--
-- Most values are of the first event, whose time is written out once a session: to_char took an eighth of a recount of 400,000
-- events. PostgreSQL puts the body in place of the call.
create or replace function pick_key(
  pick text,
  first_order text,
  first_text text
)
returns text
language sql
stable
parallel safe
return case left(pick, 16)
  when first_order then first_text
  else time_text(order_time(pick))
end || substr(pick, 17, 32);
