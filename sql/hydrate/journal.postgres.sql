-- The triggers that note the keys of rows that change, or that refuse every change of a store whose place another has taken.
--
-- Takes the tables that are copied as JSON with name and the columns of the key, in order.
-- Returns: many
-- Not null: name, drop_text, note_text, refuse_text
--
-- Who makes a trigger waits for those who write into the table, so that behind its commit nobody does. Who drops one waits for
-- readers too, and they for him: drop_text is empty for a table that has none.
-- Differs: sqlite has a trigger for each row, made with the names of the key, and no TRUNCATE.

with
  tables as (
    select
      t.value ->> 'name' as name,
      t.position,
      (
        select string_agg(quote_literal(k.value), ', ' order by k.place)
        from
          jsonb_array_elements_text(t.value -> 'key') with ordinality as k (
            value,
            place
          )
      ) as key_list
    from
      jsonb_array_elements(
        cast(cast(:tables as text) as jsonb)
      ) with ordinality as t (value, position)
  ),
  -- Behind a TRUNCATE nobody knows what there was.
  events(event, moment, sides) as (
    values
      ('insert', 'after', 'referencing new table as changed '),
      (
        'update',
        'after',
        'referencing old table as before new table as changed '
      ),
      ('delete', 'after', 'referencing old table as changed '),
      ('truncate', 'before', '')
  )
select
  t.name,
  coalesce(
    (
      select
        string_agg(
          format('drop trigger %I on cowrie.%I', g.tgname, t.name),
          '; '
          order by g.tgname
        )
      from
        pg_trigger as g
        join pg_class as c on c.oid = g.tgrelid
      where
        c.relnamespace = cast('cowrie' as regnamespace)
        and c.relname = t.name
        and g.tgname like 'tr\_hydration\_%'
    ),
    ''
  ) as drop_text,
  (
    select
      string_agg(
        format(
          'create or replace trigger tr_hydration_note_%s %s %s on cowrie.%I %sfor each statement execute function cowrie.note_changes(%s)',
          e.event,
          e.moment,
          e.event,
          t.name,
          e.sides,
          t.key_list
        ),
        '; '
        order by e.event
      )
    from events as e
  ) as note_text,
  format(
    'create or replace trigger tr_hydration_refuse before insert or update or delete or truncate on cowrie.%I for each statement execute function cowrie.refuse_changes()',
    t.name
  ) as refuse_text
from tables as t
order by t.name != 'ingest_batches', t.position;
