-- The statement that gives a column, or a table, another name.
--
-- Trap: SQLite writes the new name of a column as it is given here into every text of the schema, quotes and all.
--
-- Returns: one
-- Not null: statement

select
  case :kind
    when 'column' then printf(
      'alter table "%w" rename column "%w" to %s',
      :relation,
      :name,
      iif(
        :wanted glob '[A-Za-z_]*' and :wanted not glob '*[^A-Za-z0-9_]*',
        :wanted,
        printf('"%w"', :wanted)
      )
    )
    else printf('alter table "%w" rename to "%w"', :relation, :wanted)
  end as statement
where :of_store is not null;
