-- What a copy does without while it loads, with the statements that set it aside and bring it back; what is brought back first has
-- the least step, and is set aside last.
--
-- Takes the tables that are copied, and those among them that are filled from nothing, as JSON lists of names.
-- Returns: many
-- Not null: step, kind, table_name, name, aside_text, back_text
--
-- Triggers are those of all tables: what is copied has been checked, folded and noted where it comes from. Only a table that
-- is filled from nothing goes without indexes.
-- Differs: postgres sets keys and foreign keys aside too; here a key is part of its table, and foreign keys are deferred.

with
  parts(step, kind, table_name, name, aside_text, back_text) as (
    select
      case s.type
        when 'index' then 1
        else 5
      end,
      s.type,
      s.tbl_name,
      s.name,
      'drop ' || s.type || ' "' || replace(s.name, '"', '""') || '"',
      s.sql
    from sqlite_schema as s
    where
      s.sql is not null
      and s.tbl_name in (
        select value
        from
          json_each(
            case s.type
              when 'index' then :empty_tables
              else :tables
            end
          )
      )
      and s.type in ('index', 'trigger')
  )
select
  p.step,
  p.kind,
  p.table_name,
  p.name,
  p.aside_text,
  p.back_text
from parts as p
order by p.step desc, p.table_name, p.name;
