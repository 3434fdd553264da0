-- 0015_inventory_create
--
-- Why:         What is known of addresses, networks and files, and what was known before, so that a session can keep what held then.
-- Locks:       The write lock, for the catalogue change only.
-- Rewrites:    Nothing. The tables are new.
-- Undo:        The down file drops the inventory and its history; an import makes it again, what was known when is lost.
-- Transaction: one

create table ip_inventory (
  ip_address text constraint pk_ip_inventory
    primary key constraint ck_ip_inventory_ip_address_some
    check (ip_address != ''),
  current_asn integer constraint ck_ip_inventory_current_asn_range
    check (current_asn between 1 and 4294967295),
  asn_name text,
  geo_country text constraint ck_ip_inventory_geo_country_code
    check (geo_country glob '[A-Z][A-Z]'),
  ip_type text constraint ck_ip_inventory_ip_type_known
    check (ip_type in ('RESIDENTIAL', 'DATACENTER', 'MOBILE', 'VPN', 'TOR')),
  type_label text,
  dshield_reports integer constraint ck_ip_inventory_dshield_reports_range
    check (dshield_reports >= 0),
  enrichment text constraint ck_ip_inventory_enrichment_object
    check (json_valid(enrichment, 1) and json_type(enrichment) = 'object'),
  enriched_at text,
  confirmed_at text,
  first_seen text,
  last_seen text,
  session_count integer not null default 0 constraint ck_ip_inventory_session_count_range
    check (session_count >= 0),
  created_at text not null default (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
  updated_at text not null default (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
)
strict, without rowid;

create index ix_ip_inventory_current_asn on ip_inventory (current_asn);

create table ip_inventory_history (
  ip_address text not null,
  current_asn integer constraint ck_ip_inventory_history_current_asn_range
    check (current_asn between 1 and 4294967295),
  asn_name text,
  geo_country text constraint ck_ip_inventory_history_geo_country_code
    check (geo_country glob '[A-Z][A-Z]'),
  ip_type text constraint ck_ip_inventory_history_ip_type_known
    check (ip_type in ('RESIDENTIAL', 'DATACENTER', 'MOBILE', 'VPN', 'TOR')),
  type_label text,
  dshield_reports integer constraint ck_ip_inventory_history_dshield_reports_range
    check (dshield_reports >= 0),
  enrichment text constraint ck_ip_inventory_history_enrichment_object
    check (json_valid(enrichment, 1) and json_type(enrichment) = 'object'),
  enriched_at text not null,
  superseded_at text not null,
  constraint pk_ip_inventory_history primary key (ip_address, enriched_at)
)
strict, without rowid;

create table asn_inventory (
  asn integer constraint pk_asn_inventory
    primary key constraint ck_asn_inventory_asn_range
    check (asn between 1 and 4294967295),
  asn_name text,
  country text constraint ck_asn_inventory_country_code
    check (country glob '[A-Z][A-Z]'),
  registry text,
  kind text,
  enrichment text constraint ck_asn_inventory_enrichment_object
    check (json_valid(enrichment, 1) and json_type(enrichment) = 'object'),
  enriched_at text not null,
  confirmed_at text not null,
  created_at text not null default (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
  updated_at text not null default (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
)
strict;

create table asn_inventory_history (
  asn integer not null,
  asn_name text,
  country text,
  registry text,
  kind text,
  enrichment text constraint ck_asn_inventory_history_enrichment_object
    check (json_valid(enrichment, 1) and json_type(enrichment) = 'object'),
  enriched_at text not null,
  superseded_at text not null,
  constraint pk_asn_inventory_history primary key (asn, enriched_at)
)
strict, without rowid;

create table file_verdicts (
  shasum text not null constraint ck_file_verdicts_shasum_some
    check (shasum != ''),
  source text not null,
  is_malicious integer not null constraint ck_file_verdicts_is_malicious_boolean
    check (is_malicious in (0, 1)),
  detail text constraint ck_file_verdicts_detail_object
    check (json_valid(detail, 1) and json_type(detail) = 'object'),
  judged_at text not null,
  confirmed_at text not null,
  created_at text not null default (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
  updated_at text not null default (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
  constraint pk_file_verdicts primary key (shasum, source)
)
strict, without rowid;

create table file_verdicts_history (
  shasum text not null,
  source text not null,
  is_malicious integer not null constraint ck_file_verdicts_history_is_malicious_boolean
    check (is_malicious in (0, 1)),
  detail text constraint ck_file_verdicts_history_detail_object
    check (json_valid(detail, 1) and json_type(detail) = 'object'),
  judged_at text not null,
  superseded_at text not null,
  constraint pk_file_verdicts_history primary key (shasum, source, judged_at)
)
strict, without rowid;
