-- batch_evidence_before_delete: evidence cannot be deleted.
--
-- Fails:  WR015 always
create trigger tr_batch_evidence_before_delete
before delete on batch_evidence
begin
  select raise(abort, 'WR015 evidence cannot be deleted');
end;
