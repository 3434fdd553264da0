-- schema_ledger_before_update: an entry of the ledger cannot be changed; entry 0, its head, follows the last one.
--
-- Reads:  schema_ledger
-- Fails:  WR057 always, but where the head becomes what the last entry says
create trigger tr_schema_ledger_before_update
before update on schema_ledger
begin
  select raise(abort, 'WR057 an entry of the ledger cannot be changed')
  where
    not (
      old.ledger_id = 0
      and (new.ledger_id, new.kind, new.name, new.action) = (
        0,
        'head',
        '',
        'head'
      )
      and (new.actor, new.tool_version, new.duration_ms) = ('', '', 0)
      and coalesce(
        new.down_digest,
        new.reason,
        new.body,
        new.entry_digest
      ) is null
      and (new.digest, new.applied_at) is (
        select l.entry_digest, l.applied_at
        from schema_ledger as l
        where l.entry_digest is not null
        order by l.ledger_id desc
        limit 1
      )
    );
end;
