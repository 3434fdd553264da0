-- 0005_risk_rules_create
--
-- Why:         What makes an event dangerous is data that an operator can change, not code.
-- Locks:       The write lock, for the catalogue change only.
-- Rewrites:    Nothing. The table is new.
-- Undo:        The down file drops the rules, changed ones too.
-- Transaction: one

create table risk_rules (
  risk_rule_id integer constraint pk_risk_rules primary key,
  event_type text not null,
  field text not null
  constraint ck_risk_rules_field_known check (
    field in (
      'event_type',
      'input',
      'username',
      'password',
      'url',
      'shasum',
      'src_ip',
      'hassh'
    )
  ),
  match text not null
  constraint ck_risk_rules_match_known
  check (match in ('equals', 'prefix', 'contains')),
  pattern text not null
  constraint ck_risk_rules_pattern_lower
  check (pattern <> '' and pattern = lower(pattern)),
  score integer not null
  constraint ck_risk_rules_score_range check (score between 0 and 100),
  constraint uq_risk_rules_rule unique (event_type, field, match, pattern)
) strict;

create index ix_risk_rules_other_fields
on risk_rules (event_type)
where field not in ('event_type', 'input');

insert into risk_rules (event_type, field, match, pattern, score)
values
  ('cowrie.login.success', 'event_type', 'equals', 'cowrie.login.success', 20),
  ('cowrie.session.file_download', 'event_type', 'equals', 'cowrie.session.file_download', 70),
  ('cowrie.session.file_download.failed', 'event_type', 'equals', 'cowrie.session.file_download.failed', 60),
  ('cowrie.session.file_upload', 'event_type', 'equals', 'cowrie.session.file_upload', 80),
  ('cowrie.direct-tcpip.request', 'event_type', 'equals', 'cowrie.direct-tcpip.request', 40),
  ('cowrie.telnet.exploit_attempt', 'event_type', 'equals', 'cowrie.telnet.exploit_attempt', 80),
  ('cowrie.telnet.exploit_success', 'event_type', 'equals', 'cowrie.telnet.exploit_success', 90);

insert into risk_rules (event_type, field, match, pattern, score)
select t.event_type, 'input', r.match, r.pattern, r.score
from
  (
    select 'cowrie.command.input' as event_type
    union all
    select 'cowrie.command.success'
    union all
    select 'cowrie.command.failed'
  ) as t
  cross join (
    select 'contains' as match, 'wget ' as pattern, 60 as score
    union all
    select 'contains', 'curl ', 60
    union all
    select 'contains', 'tftp ', 65
    union all
    select 'contains', 'ftpget ', 65
    union all
    select 'contains', 'authorized_keys', 85
    union all
    select 'contains', '/dev/tcp/', 85
    union all
    select 'contains', 'chmod 777', 60
    union all
    select 'contains', 'chmod +x', 60
    union all
    select 'contains', '/etc/shadow', 75
    union all
    select 'contains', '/etc/passwd', 50
    union all
    select 'contains', 'chpasswd', 75
    union all
    select 'contains', 'crontab', 55
    union all
    select 'contains', 'chattr', 70
    union all
    select 'contains', 'iptables', 65
    union all
    select 'contains', 'base64 -d', 70
    union all
    select 'contains', 'xmrig', 95
    union all
    select 'contains', 'stratum+tcp', 95
    union all
    select 'contains', 'rm -rf', 55
    union all
    select 'contains', 'history -c', 60
    union all
    select 'contains', 'histfile', 60
    union all
    select 'contains', '/bin/busybox ', 50
    union all
    select 'contains', 'nohup ', 55
    union all
    select 'prefix', 'uname', 20
    union all
    select 'prefix', 'cat /proc/cpuinfo', 20
    union all
    select 'equals', 'w', 10
    union all
    select 'equals', 'whoami', 15
  ) as r;
