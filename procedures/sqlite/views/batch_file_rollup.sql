-- batch_file_rollup: the files of one batch, by session.
--
-- Reads:   ingest_batches; event_contributions over the batch's key range
-- Differs: from postgres in nothing but the spelling.
create view batch_file_rollup as
  select
    p.batch_id,
    p.session_id,
    p.shasum,
    substr(p.url_pick, 60) as url,
    substr(p.url_pick, 1, 59) as url_key,
    substr(p.file_name_pick, 60) as file_name,
    substr(p.file_name_pick, 1, 59) as file_name_key,
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
