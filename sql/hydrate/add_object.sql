-- Notes what is set aside, in the transaction that does it.
--
-- Returns: none

insert into hydration_objects
  (hydration_id, step, kind, table_name, name, back_text, state, changed_at)
values
  (:hydration_id, :step, :kind, :table_name, :name, :back_text, 'aside', :now);
