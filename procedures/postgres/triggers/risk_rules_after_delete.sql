-- risk_rules_after_delete: forgets the remembered scores, so that the next event is scored by the rules of today.
--
-- Writes: command_scores, emptied
-- Calls:  lock_chain, so that a seal under way cannot remember a score of the old rules afterwards
-- Fails:  never
-- Differs: fires once a statement, and on TRUNCATE.
create or replace function tg_risk_rules_after_delete()
returns trigger
language plpgsql
set search_path from current
as $$
begin
  perform lock_chain();
  delete from command_scores;
  return null;
end;
$$;

create or replace trigger tr_risk_rules_after_delete
after delete or truncate on risk_rules
for each statement
execute function tg_risk_rules_after_delete();
