-- top_rejects: the dead letters that are open, by reason and file, with when the first and the last were refused.
--
-- Reads:   dead_letter_events, dead_letter_reasons, sources
-- Differs: INDEXED BY, for without it a fresh store would read the letters themselves.
--
-- Open is what nothing has become of: neither replayed, purged nor undone. resolution says so like resolved_at does, and is in
-- ix_dead_letter_events_listing, so the letters' bytes are not read.
create view top_rejects as
  select
    d.reason,
    r.meaning,
    d.source_id,
    o.path_shown as source,
    o.sensor,
    d.letters,
    d.first_refused_at,
    d.last_refused_at,
    d.example_letter
  from
    (
      select
        l.reason,
        l.source_id,
        count(*) as letters,
        min(l.created_at) as first_refused_at,
        max(l.created_at) as last_refused_at,
        max(l.dead_letter_id) as example_letter
      from dead_letter_events as l indexed by ix_dead_letter_events_listing
      where l.resolution is null
      group by l.reason, l.source_id
    ) as d
    join dead_letter_reasons as r on r.reason = d.reason
    join sources as o on o.source_id = d.source_id;
