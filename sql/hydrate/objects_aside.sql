-- What is set aside, by this run or one that has died, in the order in which it comes back.
--
-- Returns: many

select
  o.hydration_object_id,
  o.step,
  o.kind,
  o.table_name,
  o.name,
  o.back_text
from hydration_objects as o
where o.state = 'aside'
order by o.step, o.hydration_object_id;
