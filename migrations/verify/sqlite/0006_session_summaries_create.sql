-- 0006_session_summaries_create: the parts that are missing; no rows when the migration holds.

with
  expected(relation, stored, generated, constraints, indexes) as (
    values
      (
        'session_summaries',
        'session_id source_ip source_ip_key source_ip_least source_ip_greatest sensor sensor_key sensor_least sensor_greatest protocol protocol_key client_version client_version_key hassh hassh_key has_connect has_closed has_session_field first_event_at last_event_at reported_duration_ms closed_count event_count command_inputs command_successes command_failures login_attempts login_successes file_downloads file_uploads ssh_key_inputs ssh_key_successes ssh_key_failures risk_score vt_flagged dshield_flagged snapshot_asn snapshot_country snapshot_ip_type snapshot_status enrichment enrichment_at snapshot_job_id created_at updated_at',
        'matcher is_collision duration_seconds command_count ssh_key_injections',
        'ck_session_summaries_dshield_flagged_boolean ck_session_summaries_enrichment_valid ck_session_summaries_event_count_positive ck_session_summaries_first_event_at_range ck_session_summaries_last_event_at_range ck_session_summaries_has_closed_boolean ck_session_summaries_has_connect_boolean ck_session_summaries_has_session_field_boolean ck_session_summaries_risk_score_range ck_session_summaries_session_id_some ck_session_summaries_snapshot_ip_type_known ck_session_summaries_snapshot_status_known ck_session_summaries_vt_flagged_boolean pk_session_summaries',
        'ix_session_summaries_source_ip ix_session_summaries_first_event_at'
      )
  )
select e.relation, 'stored column' as kind, p.value as missing
from
  expected as e
  join json_each('["' || replace(e.stored, ' ', '","') || '"]') as p
where
  p.value != ''
  and not exists (
    select 1
    from pragma_table_xinfo(e.relation) as x
    where x.name = p.value and x.hidden = 0
  )
union all
select e.relation, 'generated column' as kind, p.value as missing
from
  expected as e
  join json_each('["' || replace(e.generated, ' ', '","') || '"]') as p
where
  p.value != ''
  and not exists (
    select 1
    from pragma_table_xinfo(e.relation) as x
    where x.name = p.value and x.hidden in (2, 3)
  )
union all
select e.relation, 'constraint' as kind, p.value as missing
from
  expected as e
  join json_each('["' || replace(e.constraints, ' ', '","') || '"]') as p
where
  p.value != ''
  and not exists (
    select 1
    from sqlite_schema as s
    where
      s.type = 'table'
      and s.name = e.relation
      and instr(
        replace(s.sql, char(10), ' '),
        'constraint ' || p.value || ' '
      ) > 0
  )
union all
select e.relation, 'index' as kind, p.value as missing
from
  expected as e
  join json_each('["' || replace(e.indexes, ' ', '","') || '"]') as p
where
  p.value != ''
  and not exists (
    select 1
    from sqlite_schema as s
    where s.type = 'index' and s.name = p.value and s.tbl_name = e.relation
  );
