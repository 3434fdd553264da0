-- 0015_inventory_create
--
-- Why:         What is known of addresses, networks and files, and what was known before, so that a session can keep what held then.
-- Locks:       ACCESS EXCLUSIVE on the new tables alone, for the catalogue change only.
-- Rewrites:    Nothing. The tables are new.
-- Undo:        The down file drops the inventory and its history; an import makes it again, what was known when is lost.
-- Transaction: one

create table ip_inventory (
  ip_address text collate "C" constraint pk_ip_inventory
    primary key constraint ck_ip_inventory_ip_address_some
    check (ip_address != ''),
  current_asn bigint constraint ck_ip_inventory_current_asn_range
    check (current_asn between 1 and 4294967295),
  asn_name text collate "C",
  geo_country text collate "C" constraint ck_ip_inventory_geo_country_code
    check (geo_country ~ '^[A-Z][A-Z]$'),
  ip_type text collate "C" constraint ck_ip_inventory_ip_type_known
    check (ip_type in ('RESIDENTIAL', 'DATACENTER', 'MOBILE', 'VPN', 'TOR')),
  type_label text collate "C",
  dshield_reports bigint constraint ck_ip_inventory_dshield_reports_range
    check (dshield_reports >= 0),
  enrichment jsonb constraint ck_ip_inventory_enrichment_object
    check (jsonb_typeof(enrichment) = 'object'),
  enriched_at timestamptz,
  confirmed_at timestamptz,
  first_seen timestamptz,
  last_seen timestamptz,
  session_count bigint not null default 0 constraint ck_ip_inventory_session_count_range
    check (session_count >= 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create index ix_ip_inventory_current_asn on ip_inventory (current_asn);

create table ip_inventory_history (
  ip_address text collate "C" not null,
  current_asn bigint constraint ck_ip_inventory_history_current_asn_range
    check (current_asn between 1 and 4294967295),
  asn_name text collate "C",
  geo_country text collate "C" constraint ck_ip_inventory_history_geo_country_code
    check (geo_country ~ '^[A-Z][A-Z]$'),
  ip_type text collate "C" constraint ck_ip_inventory_history_ip_type_known
    check (ip_type in ('RESIDENTIAL', 'DATACENTER', 'MOBILE', 'VPN', 'TOR')),
  type_label text collate "C",
  dshield_reports bigint constraint ck_ip_inventory_history_dshield_reports_range
    check (dshield_reports >= 0),
  enrichment jsonb constraint ck_ip_inventory_history_enrichment_object
    check (jsonb_typeof(enrichment) = 'object'),
  enriched_at timestamptz not null,
  superseded_at timestamptz not null,
  constraint pk_ip_inventory_history primary key (ip_address, enriched_at)
);

create table asn_inventory (
  asn bigint constraint pk_asn_inventory
    primary key constraint ck_asn_inventory_asn_range
    check (asn between 1 and 4294967295),
  asn_name text collate "C",
  country text collate "C" constraint ck_asn_inventory_country_code
    check (country ~ '^[A-Z][A-Z]$'),
  registry text collate "C",
  kind text collate "C",
  enrichment jsonb constraint ck_asn_inventory_enrichment_object
    check (jsonb_typeof(enrichment) = 'object'),
  enriched_at timestamptz not null,
  confirmed_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table asn_inventory_history (
  asn bigint not null,
  asn_name text collate "C",
  country text collate "C",
  registry text collate "C",
  kind text collate "C",
  enrichment jsonb constraint ck_asn_inventory_history_enrichment_object
    check (jsonb_typeof(enrichment) = 'object'),
  enriched_at timestamptz not null,
  superseded_at timestamptz not null,
  constraint pk_asn_inventory_history primary key (asn, enriched_at)
);

create table file_verdicts (
  shasum text collate "C" not null constraint ck_file_verdicts_shasum_some
    check (shasum != ''),
  source text collate "C" not null,
  is_malicious boolean not null,
  detail jsonb constraint ck_file_verdicts_detail_object
    check (jsonb_typeof(detail) = 'object'),
  judged_at timestamptz not null,
  confirmed_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint pk_file_verdicts primary key (shasum, source)
);

create table file_verdicts_history (
  shasum text collate "C" not null,
  source text collate "C" not null,
  is_malicious boolean not null,
  detail jsonb constraint ck_file_verdicts_history_detail_object
    check (jsonb_typeof(detail) = 'object'),
  judged_at timestamptz not null,
  superseded_at timestamptz not null,
  constraint pk_file_verdicts_history primary key (shasum, source, judged_at)
);
