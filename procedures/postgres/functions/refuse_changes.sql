-- refuse_changes: refuses every change of a table, for a store whose place another has taken or that is being copied into.
--
-- Gives:  a trigger function, which a cutover to sqlite puts on every table
-- Reads:  store_state
-- Fails:  WR056 the store is not open
-- Differs: sqlite has the refusal in its triggers.
create or replace function refuse_changes()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
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
