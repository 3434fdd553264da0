-- reconcile_bucket_lines: what was proved of a bucket as one line, the same in both engines: what a day's digest is made of.
--
-- Reads:   reconcile_buckets
-- Calls:   time_text
-- Differs: bytes and times are spelled as in sqlite.
create or replace view reconcile_bucket_lines as
  select
    b.day,
    b.range_number,
    b.range_number || ' ' || b.sessions || ' ' || b.events || ' ' || encode(
      b.digest,
      'hex'
    ) || ' ' || time_text(
      b.proved_at
    ) || ' ' || b.proved_run_id || ' ' || time_text(
      b.deep_proved_at
    ) || ' ' || b.deep_run_id as line
  from reconcile_buckets as b;
