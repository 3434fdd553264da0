-- repairable_findings: open findings of the classes that a rebuild mends, by session.
--
-- Reads:   reconcile_findings; drift_classes
-- Differs: from postgres in nothing but the spelling.
--
-- name is table, item and column in one text, as the audit log has it.
create view repairable_findings as
  select
    f.finding_id,
    f.session_id,
    f.class,
    f.last_seen_run_id,
    concat_ws(
      ' ',
      f.table_name,
      nullif(f.item, ''),
      nullif(f.column_name, '')
    ) as name,
    f.stored,
    f.expected
  from
    reconcile_findings as f
    join drift_classes as k on k.class = f.class
  where f.state = 'open' and k.repair = 'rebuild';
