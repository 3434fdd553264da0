-- The statements that write a table anew in another form; what both forms have of columns is kept.
--
-- Returns: many
-- Not null: statement

select s.statement
from
  (
    select
      1 as place,
      printf(
        'alter table "%w" rename to "%w"',
        :name,
        :name || '_before'
      ) as statement
    union all
    select 2, :text
    union all
    select
      3,
      printf(
        'insert into "%w" (%s) select %s from "%w"',
        :name,
        group_concat(printf('"%w"', j.value), ', '),
        group_concat(printf('"%w"', j.value), ', '),
        :name || '_before'
      )
    from json_each(:columns) as j
    union all
    select 4, printf('drop table "%w"', :name || '_before')
  ) as s
order by s.place;
