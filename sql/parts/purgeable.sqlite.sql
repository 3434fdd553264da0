-- Of the letters that filters leave those that a purge empties: resolved ones, and open ones that were refused before an instant.
with
  purgeable as (
    select a.dead_letter_id, a.record, a.record_tail, a.resolved_at
    from asked as a
    where
      a.purged_at is null
      and (a.resolved_at is not null or a.created_at < cast(:before as text))
  )
select p.dead_letter_id
from purgeable as p;
