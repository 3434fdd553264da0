-- Dead letters by reason and by what became of them, from ix_dead_letter_events_reason alone.
--
-- Returns: many
-- Not null: letters, open, replayed, purged

select
  c.reason,
  r.meaning,
  cast(sum(c.letters) as bigint) as letters,
  cast(
    sum(
      case
        when c.resolution is null then c.letters
        else 0
      end
    ) as bigint
  ) as open,
  cast(
    sum(
      case c.resolution
        when 'replayed' then c.letters
        else 0
      end
    ) as bigint
  ) as replayed,
  cast(
    sum(
      case c.resolution
        when 'purged' then c.letters
        else 0
      end
    ) as bigint
  ) as purged
from
  (
    select d.reason, d.resolution, count(*) as letters
    from dead_letter_events as d
    group by d.reason, d.resolution
  ) as c
  join dead_letter_reasons as r on r.reason = c.reason
group by c.reason, r.meaning
order by letters desc, c.reason;
