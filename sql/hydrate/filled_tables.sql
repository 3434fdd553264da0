-- Tables that have rows in a store that nobody has used yet: migrations fill them.
--
-- Returns: many
-- Not null: table_name

select 'dead_letter_reasons' as table_name
union all
select 'drift_classes' as table_name
union all
select 'drift_columns' as table_name
union all
select 'event_fields' as table_name
union all
select 'event_flags' as table_name
union all
select 'event_types' as table_name
union all
select 'ip_type_rules' as table_name
union all
select 'reconcile_ranges' as table_name
union all
select 'reserved_prefixes' as table_name
union all
select 'risk_rules' as table_name
union all
select 'session_identifiers' as table_name
union all
select 'settings' as table_name;
