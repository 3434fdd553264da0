-- 0014_reconcile_create: the parts that are missing; no rows when the migration holds.

with
  expected(relation, stored, generated, constraints, indexes) as (
    values
      (
        'reconcile_ranges',
        'range_number from_session before_session',
        '',
        'pk_reconcile_ranges ck_reconcile_ranges_ordered',
        ''
      ),
      (
        'drift_classes',
        'class table_name meaning repair counts_as',
        '',
        'pk_drift_classes ck_drift_classes_repair_known ck_drift_classes_counts_as_known',
        ''
      ),
      (
        'drift_columns',
        'table_name column_name class',
        '',
        'fk_drift_columns_class_drift_classes pk_drift_columns',
        ''
      ),
      (
        'reconcile_runs',
        'run_id job_id mode since_position watermark_position watermark_digest sessions events buckets deep_buckets deep_sessions differed_once in_flight raw_events summed_events unattributed_events accepted_events duplicate_sightings busy_ms longest_snapshot_ms tool_version schema_version actor started_at finished_at exit_code',
        '',
        'pk_reconcile_runs uq_reconcile_runs_job_id fk_reconcile_runs_job_id_jobs ck_reconcile_runs_mode_known',
        ''
      ),
      (
        'reconcile_buckets',
        'range_number day sessions events digest proved_at proved_run_id deep_proved_at deep_run_id part_digests',
        '',
        'fk_reconcile_buckets_range_number_reconcile_ranges ck_reconcile_buckets_digest_length fk_reconcile_buckets_proved_run_id_reconcile_runs fk_reconcile_buckets_deep_run_id_reconcile_runs ck_reconcile_buckets_part_digests_length pk_reconcile_buckets',
        'ix_reconcile_buckets_range_number'
      ),
      (
        'reconcile_pending_buckets',
        'run_id range_number day sessions events digest part_digests',
        '',
        'fk_reconcile_pending_buckets_run_id_reconcile_runs pk_reconcile_pending_buckets',
        ''
      ),
      (
        'reconcile_days',
        'day digest',
        '',
        'pk_reconcile_days ck_reconcile_days_digest_length',
        ''
      ),
      (
        'reconcile_findings',
        'finding_id class table_name session_id item column_name stored expected state first_seen_run_id last_seen_run_id closed_run_id',
        '',
        'pk_reconcile_findings fk_reconcile_findings_class_drift_classes ck_reconcile_findings_state_known fk_reconcile_findings_first_seen_run_id_reconcile_runs fk_reconcile_findings_last_seen_run_id_reconcile_runs fk_reconcile_findings_closed_run_id_reconcile_runs ck_reconcile_findings_closed uq_reconcile_findings_place',
        'ix_reconcile_findings_open'
      ),
      (
        'reconcile_certificates',
        'run_id previous_root root facts issued_at',
        '',
        'pk_reconcile_certificates fk_reconcile_certificates_run_id_reconcile_runs ck_reconcile_certificates_previous_root_length ck_reconcile_certificates_root_length uq_reconcile_certificates_previous_root',
        ''
      ),
      (
        'repairs',
        'repair_id run_id session_id cause actor after_line after_updated_at repaired_at undone_at',
        '',
        'pk_repairs fk_repairs_run_id_reconcile_runs uq_repairs_run_id_session_id ck_repairs_undone_after',
        ''
      ),
      (
        'repaired_summaries',
        'repair_id session_id summary_id source_ip source_ip_key source_ip_least source_ip_greatest sensor sensor_key sensor_least sensor_greatest protocol protocol_key client_version client_version_key hassh hassh_key has_connect has_closed has_session_field first_event_at last_event_at reported_duration_ms closed_count event_count command_inputs command_successes command_failures login_attempts login_successes file_downloads file_uploads ssh_key_inputs ssh_key_successes ssh_key_failures risk_score vt_flagged dshield_flagged snapshot_asn snapshot_country snapshot_ip_type snapshot_status enrichment enrichment_at snapshot_job_id created_at updated_at',
        '',
        'fk_repaired_summaries_repair_id_repairs pk_repaired_summaries',
        ''
      ),
      (
        'repaired_commands',
        'repair_id session_id command inputs successes failures first_seen last_seen high_risk',
        '',
        'fk_repaired_commands_repair_id_repairs pk_repaired_commands',
        ''
      ),
      (
        'repaired_files',
        'repair_id session_id shasum url url_key file_name file_name_key first_seen occurrences',
        '',
        'fk_repaired_files_repair_id_repairs pk_repaired_files',
        ''
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
