-- Dead letters that a purge empties next, by number.
--
-- With: asked, purgeable
-- Returns: many

select p.dead_letter_id
from purgeable as p
where p.dead_letter_id > :after
order by p.dead_letter_id
limit :most;
