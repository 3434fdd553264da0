-- risk_rules_after_update: notes in the audit log that a risk rule changes; forgets the remembered scores, so that the next event is scored by the rules of today.
--
-- Writes: command_scores, emptied
-- Calls:  restart_rebuilds; note_audit
-- Fails:  never
create trigger tr_risk_rules_after_update
after update on risk_rules
begin
  delete from command_scores;

  insert into restart_rebuilds (job_id)
  values (null);

  insert into note_audit (table_name, row_key, action, before, after)
  values
    (
      'risk_rules',
      cast(old.risk_rule_id as text),
      'update',
      json_object(
        'risk_rule_id',
        old.risk_rule_id,
        'event_type',
        old.event_type,
        'field',
        old.field,
        'match',
        old.match,
        'pattern',
        old.pattern,
        'score',
        old.score
      ),
      json_object(
        'risk_rule_id',
        new.risk_rule_id,
        'event_type',
        new.event_type,
        'field',
        new.field,
        'match',
        new.match,
        'pattern',
        new.pattern,
        'score',
        new.score
      )
    );
end;
