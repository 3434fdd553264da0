-- 0006_session_summaries_create: the parts that are missing; no rows when the migration holds.

with
  expected(relation, stored, generated, constraints, indexes) as (
    values
      (
        'session_summaries',
        'session_id source_ip source_ip_key source_ip_least source_ip_greatest sensor sensor_key sensor_least sensor_greatest protocol protocol_key client_version client_version_key hassh hassh_key has_connect has_closed has_session_field first_event_at last_event_at reported_duration_ms closed_count event_count command_inputs command_successes command_failures login_attempts login_successes file_downloads file_uploads ssh_key_inputs ssh_key_successes ssh_key_failures risk_score vt_flagged dshield_flagged snapshot_asn snapshot_country snapshot_ip_type snapshot_status enrichment enrichment_at snapshot_job_id created_at updated_at summary_id',
        'matcher is_collision duration_seconds command_count ssh_key_injections',
        'ck_session_summaries_event_count_positive ck_session_summaries_first_event_at_range ck_session_summaries_last_event_at_range ck_session_summaries_risk_score_range ck_session_summaries_session_id_some ck_session_summaries_snapshot_ip_type_known ck_session_summaries_snapshot_status_known pk_session_summaries uq_session_summaries_summary_id',
        'ix_session_summaries_source_ip ix_session_summaries_first_event_at'
      )
  )
select e.relation, 'stored column' as kind, p.value as missing
from
  expected as e
  cross join string_to_table(e.stored, ' ') as p (value)
where
  p.value != ''
  and not exists (
    select 1
    from pg_attribute as a
    where
      a.attrelid = to_regclass(e.relation)
      and a.attname = p.value
      and a.attgenerated = ''
  )
union all
select e.relation, 'generated column' as kind, p.value as missing
from
  expected as e
  cross join string_to_table(e.generated, ' ') as p (value)
where
  p.value != ''
  and not exists (
    select 1
    from pg_attribute as a
    where
      a.attrelid = to_regclass(e.relation)
      and a.attname = p.value
      and a.attgenerated = 's'
  )
union all
select e.relation, 'constraint' as kind, p.value as missing
from
  expected as e
  cross join string_to_table(e.constraints, ' ') as p (value)
where
  p.value != ''
  and not exists (
    select 1
    from pg_constraint as c
    where
      c.conrelid = to_regclass(e.relation)
      and c.conname = p.value
      and c.convalidated
  )
union all
select e.relation, 'index' as kind, p.value as missing
from
  expected as e
  cross join string_to_table(e.indexes, ' ') as p (value)
where
  p.value != ''
  and not exists (
    select 1
    from pg_index as i
    where
      i.indrelid = to_regclass(e.relation)
      and i.indexrelid = to_regclass(p.value)
      and i.indisvalid
  );
