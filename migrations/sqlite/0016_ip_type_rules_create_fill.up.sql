-- 0016_ip_type_rules_create_fill
--
-- Why:         What kind of address a list means, and which addresses are nobody's, is data that an operator can change, not code.
-- Locks:       The write lock, for the catalogue change only.
-- Rewrites:    Nothing. The tables are new.
-- Undo:        The down file drops the rules, changed ones too.
-- Transaction: one

create table ip_type_rules (
  ip_type_rule_id integer constraint pk_ip_type_rules primary key,
  field text not null constraint ck_ip_type_rules_field_known check (field in ('label', 'asn_name')),
  pattern text not null constraint ck_ip_type_rules_pattern_lower check (pattern != '' and pattern = lower(pattern)),
  ip_type text not null constraint ck_ip_type_rules_ip_type_known
    check (ip_type in ('RESIDENTIAL', 'DATACENTER', 'MOBILE', 'VPN', 'TOR')),
  priority integer not null constraint ck_ip_type_rules_priority_range check (priority between 1 and 1000),
  constraint uq_ip_type_rules_rule unique (field, pattern)
)
strict;

-- Labels are those of lists and of the old system's enrichment; names of networks only where no list says anything.
insert into ip_type_rules (field, pattern, ip_type, priority)
values
  ('label', 'vpn', 'VPN', 10),
  ('label', 'anonymous_vpn', 'VPN', 10),
  ('label', 'residential_proxy_vpn', 'VPN', 10),
  ('label', 'tor', 'TOR', 20),
  ('label', 'tor_exit', 'TOR', 20),
  ('label', 'tor exit', 'TOR', 20),
  ('label', 'tor-exit', 'TOR', 20),
  ('label', 'tor_exit_node', 'TOR', 20),
  ('label', 'datacenter', 'DATACENTER', 30),
  ('label', 'data center', 'DATACENTER', 30),
  ('label', 'data_center', 'DATACENTER', 30),
  ('label', 'hosting', 'DATACENTER', 30),
  ('label', 'hosting_provider', 'DATACENTER', 30),
  ('label', 'dch', 'DATACENTER', 30),
  ('label', 'cloud', 'DATACENTER', 30),
  ('label', 'cdn', 'DATACENTER', 30),
  ('label', 'residential', 'RESIDENTIAL', 40),
  ('label', 'isp', 'RESIDENTIAL', 40),
  ('label', 'cable/dsl', 'RESIDENTIAL', 40),
  ('label', 'consumer', 'RESIDENTIAL', 40),
  ('label', 'broadband', 'RESIDENTIAL', 40),
  ('label', 'dialup', 'RESIDENTIAL', 40),
  ('label', 'mobile', 'MOBILE', 50),
  ('label', 'cellular', 'MOBILE', 50),
  ('label', 'mob', 'MOBILE', 50),
  ('label', 'isp/mob', 'MOBILE', 35),
  ('asn_name', 'digitalocean', 'DATACENTER', 100),
  ('asn_name', 'amazon', 'DATACENTER', 100),
  ('asn_name', 'google-cloud', 'DATACENTER', 100),
  ('asn_name', 'google cloud', 'DATACENTER', 100),
  ('asn_name', 'microsoft-corp', 'DATACENTER', 100),
  ('asn_name', 'ovh', 'DATACENTER', 100),
  ('asn_name', 'hetzner', 'DATACENTER', 100),
  ('asn_name', 'linode', 'DATACENTER', 100),
  ('asn_name', 'akamai connected cloud', 'DATACENTER', 100),
  ('asn_name', 'choopa', 'DATACENTER', 100),
  ('asn_name', 'vultr', 'DATACENTER', 100),
  ('asn_name', 'contabo', 'DATACENTER', 100),
  ('asn_name', 'tencent', 'DATACENTER', 100),
  ('asn_name', 'alibaba', 'DATACENTER', 100),
  ('asn_name', 'oracle', 'DATACENTER', 100),
  ('asn_name', 'leaseweb', 'DATACENTER', 100),
  ('asn_name', 'scaleway', 'DATACENTER', 100),
  ('asn_name', 'huawei cloud', 'DATACENTER', 100),
  ('asn_name', 'hostinger', 'DATACENTER', 100),
  ('asn_name', 'ionos', 'DATACENTER', 100);

-- The first one to three numbers of an IPv4 address, the first one or two groups of an IPv6 address, each with what ends it.
-- Source: the IANA registries of special-purpose addresses. IPv6 outside of 2000::/3 needs no row.
create table reserved_prefixes (
  prefix text constraint pk_reserved_prefixes primary key,
  network text not null,
  meaning text not null
)
strict, without rowid;

insert into reserved_prefixes (prefix, network, meaning)
values
  ('0.', '0.0.0.0/8', 'this network'),
  ('10.', '10.0.0.0/8', 'private'),
  ('127.', '127.0.0.0/8', 'loopback'),
  ('169.254.', '169.254.0.0/16', 'link local'),
  ('192.168.', '192.168.0.0/16', 'private'),
  ('192.0.0.', '192.0.0.0/24', 'protocol assignments'),
  ('192.0.2.', '192.0.2.0/24', 'documentation'),
  ('192.88.99.', '192.88.99.0/24', '6to4 relays, deprecated'),
  ('198.18.', '198.18.0.0/15', 'benchmarking'),
  ('198.19.', '198.18.0.0/15', 'benchmarking'),
  ('198.51.100.', '198.51.100.0/24', 'documentation'),
  ('203.0.113.', '203.0.113.0/24', 'documentation'),
  ('2001::', '2001::/32', 'Teredo'),
  ('2001:0:', '2001::/32', 'Teredo'),
  ('2001:2:', '2001:2::/48', 'benchmarking'),
  ('2001:db8:', '2001:db8::/32', 'documentation'),
  ('3fff:', '3fff::/20', 'documentation; the rest of 3fff::/16 is not assigned');

insert into reserved_prefixes (prefix, network, meaning)
with recursive
  n(n) as (
    select 16
    union all
    select n + 1
    from n
    where n < 31
  )
select '172.' || n || '.', '172.16.0.0/12', 'private'
from n;

insert into reserved_prefixes (prefix, network, meaning)
with recursive
  n(n) as (
    select 64
    union all
    select n + 1
    from n
    where n < 127
  )
select '100.' || n || '.', '100.64.0.0/10', 'shared by carriers'
from n;

insert into reserved_prefixes (prefix, network, meaning)
with recursive
  n(n) as (
    select 224
    union all
    select n + 1
    from n
    where n < 255
  )
select
  n || '.',
  iif(n < 240, '224.0.0.0/4', '240.0.0.0/4'),
  iif(n < 240, 'multicast', 'reserved')
from n;
