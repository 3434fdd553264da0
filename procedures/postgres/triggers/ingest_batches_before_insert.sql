-- ingest_batches_before_insert: refuses a batch that is born sealed, or that takes the place of another.
--
-- Reads:  ingest_batches; store_state
-- Fails:  WR001 born sealed; WR002 replaced; WR003 an older batch was left unsealed; WR056 the store is not open
-- Differs: in postgres only the own transaction can see an unsealed batch, so WR003 is about a second one in it.
create or replace function tg_ingest_batches_before_insert()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  if (select s.state from store_state as s) <> 'open' then
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
  end if;

  if
    new.sealed_at is not null
    or new.undone_at is not null
    or new.chain_position is not null
  then
    raise exception using
      errcode = 'WR001',
      message = 'a batch cannot be born sealed';
  end if;

  if exists (
    select 1
    from ingest_batches as b
    where b.batch_id = new.batch_id
  ) then
    raise exception using
      errcode = 'WR002',
      message = 'a batch cannot be replaced';
  end if;

  if exists (
    select 1
    from ingest_batches as b
    where b.sealed_at is null
  ) then
    raise exception using
      errcode = 'WR003',
      message = 'an older batch was left unsealed';
  end if;

  return new;
end;
$$;

create or replace trigger tr_ingest_batches_before_insert
before insert on ingest_batches
for each row
execute function tg_ingest_batches_before_insert();
