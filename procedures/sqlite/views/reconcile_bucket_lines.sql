-- reconcile_bucket_lines: what was proved of a bucket as one line, the same in both engines: what a day's digest is made of.
--
-- Reads:   reconcile_buckets
-- Differs: from postgres in nothing but the spelling.
create view reconcile_bucket_lines as
  select
    b.day,
    b.range_number,
    b.range_number || ' ' || b.sessions || ' ' || b.events || ' ' || lower(
      hex(b.digest)
    ) || ' ' || b.proved_at || ' ' || b.proved_run_id || ' ' || b.deep_proved_at || ' ' || b.deep_run_id as line
  from reconcile_buckets as b;
