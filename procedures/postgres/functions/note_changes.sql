-- note_changes: notes the keys of the rows that a statement has changed, so that a cutover to a file reads these alone again.
--
-- Takes:  the columns of the key, in order
-- Gives:  a trigger function for each statement, which a cutover to sqlite puts on tables while it runs; before a TRUNCATE it notes
--         every key that there is
-- Writes: hydration_journal: a row for each key, with instants as they are in sqlite
-- Fails:  never
-- Differs: sqlite notes in the triggers themselves.
create or replace function note_changes()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
declare
  v_keys text := (
    select
      format(
        'select cast(jsonb_build_array(%s) as text)',
        string_agg(
          format(
            case a.atttypid
              when cast('timestamptz' as regtype)
                then 'to_char(c.%I at time zone ''UTC'', ''YYYY-MM-DD"T"HH24:MI:SS.US"Z"'')'
              else 'cast(c.%I as text)'
            end,
            k.name
          ),
          ', '
          order by k.place
        )
      )
    from
      unnest(tg_argv) with ordinality as k (name, place)
      join pg_attribute as a on a.attrelid = tg_relid and a.attname = k.name
  );
begin
  execute format(
    'insert into hydration_journal (table_name, row_key) select %L, k.row_key from (%s from %s as c%s) as k (row_key)',
    tg_table_name,
    v_keys,
    case tg_op
      when 'TRUNCATE' then tg_relid::regclass::text
      else 'changed'
    end,
    case tg_op
      when 'UPDATE' then ' union ' || v_keys || ' from before as c'
      else ''
    end
  );

  return null;
end;
$$;
