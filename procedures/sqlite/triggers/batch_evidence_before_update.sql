-- batch_evidence_before_update: evidence cannot be changed.
--
-- Fails:  WR014 always
create trigger tr_batch_evidence_before_update
before update on batch_evidence
begin
  select raise(abort, 'WR014 evidence cannot be changed');
end;
