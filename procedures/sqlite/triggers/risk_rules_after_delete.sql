-- risk_rules_after_delete: forgets the remembered scores, so that the next event is scored by the rules of today.
--
-- Writes: command_scores, emptied
-- Fails:  never
create trigger tr_risk_rules_after_delete
after delete on risk_rules
begin
  delete from command_scores;
end;
