-- refuse_changes: refuses every change of a table, TRUNCATE too, for a store whose place another has taken or that is being copied into.
--
-- Gives:  a trigger function, which a cutover to sqlite puts on every table, and a copy into the store
-- Reads:  store_state; the setting cowrie.copies, by which a copy passes while the store is hydrating: against mistakes, not malice
-- Fails:  WR056 the store is not open
-- Differs: sqlite has the refusal in its triggers.
create or replace function refuse_changes()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  if
    current_setting('cowrie.copies', true) = 'on'
    and (select s.state from store_state as s) = 'hydrating'
  then
    return null;
  end if;

  raise exception using
    errcode = 'WR056',
    message = (
      select format(
        'the store is %s%s',
        s.state,
        ', its place was taken by ' || s.moved_to
      )
      from store_state as s
    );
end;
$$;
