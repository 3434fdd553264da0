-- The triggers that note the keys of rows that change, or that refuse every change of a store whose place another has taken.
--
-- Takes the tables that are copied as JSON with name and the columns of the key, in order.
-- Returns: many
-- Not null: name, drop_text, note_text, refuse_text
--
-- They exist while a cutover runs; those that refuse stay until the store is opened again. Trap: REPLACE deletes a row without a
-- trigger; the guards of the tables refuse it.
-- Differs: postgres has a trigger for each statement, and a function that knows the key.

with
  tables as (
    select
      t.value ->> '$.name' as name,
      (
        select
          group_concat(
            'cast(~."' || replace(k.value, '"', '""') || '" as text)',
            ', '
            order by k.key
          )
        from json_each(t.value, '$.key') as k
      ) as key_list
    from json_each(:tables) as t
  ),
  events(event, sides) as (
    values
      ('insert', 'new'),
      ('update', 'old new'),
      ('delete', 'old')
  ),
  notes as (
    select
      t.name,
      e.event,
      '"tr_hydration_' || t.name || '_' || e.event || '"' as trigger_name,
      (
        select
          group_concat(
            'insert into hydration_journal (table_name, row_key) values (''' || t.name || ''', json_array(' || replace(
              t.key_list,
              '~',
              s.value
            ) || ')); ',
            ''
          )
        from json_each('["' || replace(e.sides, ' ', '","') || '"]') as s
      ) as body
    from
      tables as t
      cross join events as e
  )
select
  n.name,
  'drop trigger if exists ' || n.trigger_name as drop_text,
  'create trigger ' || n.trigger_name || ' after ' || n.event || ' on "' || n.name || '" begin ' || n.body || 'end' as note_text,
  'create trigger ' || n.trigger_name || ' before ' || n.event || ' on "' || n.name || '" begin select raise(abort, ''WR056 the store is not open, or another has taken its place''); end' as refuse_text
from notes as n
order by n.name, n.event;
