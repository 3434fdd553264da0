-- whole_number: the number that a text of at most 18 digits stands for; NULL where it is none.
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
