-- risk_rules_after_delete: notes in the audit log that a risk rule goes; forgets the remembered scores, so that the next event is scored by the rules of today.
--
-- Writes: command_scores, emptied
-- Calls:  lock_chain, so that a seal under way cannot remember a score of the old rules afterwards; restart_rebuilds; note_audit
-- Fails:  never
create or replace function tg_risk_rules_after_delete()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  perform lock_chain();
  delete from command_scores;
  perform restart_rebuilds();
  perform note_audit(
    'risk_rules',
    old.risk_rule_id::text,
    'delete',
    jsonb_build_object(
      'risk_rule_id', old.risk_rule_id,
      'event_type', old.event_type,
      'field', old.field,
      'match', old.match,
      'pattern', old.pattern,
      'score', old.score
    ),
    null
  );
  return null;
end;
$$;

create or replace trigger tr_risk_rules_after_delete
after delete on risk_rules
for each row
execute function tg_risk_rules_after_delete();
