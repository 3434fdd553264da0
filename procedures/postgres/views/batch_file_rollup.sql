-- batch_file_rollup: the files of one batch, by session.
--
-- Reads:   ingest_batches; event_contributions over the batch's key range
-- Needs:   event_contributions
-- Differs: from sqlite in nothing but the spelling.
create or replace view batch_file_rollup as
  select
    p.batch_id,
    p.session_id,
    p.shasum,
    right(p.url_pick, -59) as url,
    left(p.url_pick, 59) as url_key,
    right(p.file_name_pick, -59) as file_name,
    left(p.file_name_pick, 59) as file_name_key,
    p.first_seen,
    p.occurrences
  from
    (
      select
        b.batch_id,
        c.session_id,
        c.file_shasum as shasum,
        min(c.event_key || c.file_url) as url_pick,
        min(c.event_key || c.file_name) as file_name_pick,
        min(c.occurred_at) as first_seen,
        count(*) as occurrences
      from
        ingest_batches as b
        join event_contributions as c
          on c.event_id >= b.batch_id * 1048576
          and c.event_id < (b.batch_id + 1) * 1048576
      where c.session_id != '' and c.file_shasum is not null
      group by b.batch_id, c.session_id, c.file_shasum
    ) as p;
