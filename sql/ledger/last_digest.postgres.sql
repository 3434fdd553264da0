-- The digest of the last entry of the ledger, the number of the next one, and the time.
--
-- Returns: one
-- Not null: entry_digest, next_id, now

select
  coalesce(
    (
      select l.entry_digest
      from schema_ledger as l
      where l.entry_digest is not null
      order by l.ledger_id desc
      limit 1
    ),
    ''
  ) as entry_digest,
  (select coalesce(max(l.ledger_id), 0) + 1 from schema_ledger as l) as next_id,
  to_char(
    clock_timestamp() at time zone 'UTC',
    'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
  ) as now;
