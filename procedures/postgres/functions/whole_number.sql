-- whole_number: the number that a text stands for, as SQLite's cast to an integer reads it; NULL where it is none or too great.
--
-- Takes:   value
-- Gives:   0 to 999999999999999999, or NULL
-- Fails:   never
-- Differs: sqlite has nothing of this name.
create or replace function whole_number(value text)
returns bigint
language sql
immutable
parallel safe
return case
  when value ~ '^[0-9]{1,18}$' then value::bigint
end;
