-- 0015_inventory_create: the parts that are missing; no rows when the migration holds.

with
  expected(relation, stored, generated, constraints, indexes) as (
    values
      (
        'ip_inventory',
        'ip_address current_asn asn_name geo_country ip_type type_label dshield_reports enrichment enriched_at confirmed_at first_seen last_seen session_count created_at updated_at',
        '',
        'pk_ip_inventory ck_ip_inventory_ip_address_some ck_ip_inventory_current_asn_range ck_ip_inventory_geo_country_code ck_ip_inventory_ip_type_known ck_ip_inventory_dshield_reports_range ck_ip_inventory_enrichment_object ck_ip_inventory_session_count_range',
        'ix_ip_inventory_current_asn'
      ),
      (
        'ip_inventory_history',
        'ip_address current_asn asn_name geo_country ip_type type_label dshield_reports enrichment enriched_at superseded_at',
        '',
        'pk_ip_inventory_history ck_ip_inventory_history_current_asn_range ck_ip_inventory_history_geo_country_code ck_ip_inventory_history_ip_type_known ck_ip_inventory_history_dshield_reports_range ck_ip_inventory_history_enrichment_object',
        ''
      ),
      (
        'asn_inventory',
        'asn asn_name country registry kind enrichment enriched_at confirmed_at created_at updated_at',
        '',
        'pk_asn_inventory ck_asn_inventory_asn_range ck_asn_inventory_country_code ck_asn_inventory_enrichment_object',
        ''
      ),
      (
        'asn_inventory_history',
        'asn asn_name country registry kind enrichment enriched_at superseded_at',
        '',
        'pk_asn_inventory_history ck_asn_inventory_history_enrichment_object',
        ''
      ),
      (
        'file_verdicts',
        'shasum source is_malicious detail judged_at confirmed_at created_at updated_at',
        '',
        'pk_file_verdicts ck_file_verdicts_shasum_some ck_file_verdicts_detail_object',
        ''
      ),
      (
        'file_verdicts_history',
        'shasum source is_malicious detail judged_at superseded_at',
        '',
        'pk_file_verdicts_history ck_file_verdicts_history_detail_object',
        ''
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
