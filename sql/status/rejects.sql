-- Dead letters by reason, most first; those of undone batches are left out.
--
-- Returns: many
-- Not null: letters

select d.reason, r.meaning, count(*) as letters
from
  dead_letter_events as d
  join dead_letter_reasons as r on r.reason = d.reason
  join ingest_batches as b on b.batch_id = d.batch_id
where b.undone_at is null
group by d.reason, r.meaning
order by letters desc, d.reason;
