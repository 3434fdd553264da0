-- Makes the schema that holds every object; who may not make one needs no right to where it is there.
--
-- Returns: none

do $$
begin
  if to_regnamespace('cowrie') is null then
    create schema cowrie;
  end if;
end;
$$;
