-- risk_rules_after_update: notes in the audit log that a risk rule changes; forgets the remembered scores, so that the next event is scored by the rules of today.
--
-- Writes: command_scores, emptied
-- Calls:  lock_chain, so that a seal under way cannot remember a score of the old rules afterwards; restart_rebuilds; note_audit
-- Fails:  never
create or replace function tg_risk_rules_after_update()
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
    'update',
    jsonb_build_object(
      'risk_rule_id', old.risk_rule_id,
      'event_type', old.event_type,
      'field', old.field,
      'match', old.match,
      'pattern', old.pattern,
      'score', old.score
    ),
    jsonb_build_object(
      'risk_rule_id', new.risk_rule_id,
      'event_type', new.event_type,
      'field', new.field,
      'match', new.match,
      'pattern', new.pattern,
      'score', new.score
    )
  );
  return null;
end;
$$;

create or replace trigger tr_risk_rules_after_update
after update on risk_rules
for each row
execute function tg_risk_rules_after_update();
