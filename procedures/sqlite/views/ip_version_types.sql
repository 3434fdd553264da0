-- ip_version_types: which kind the rules give to each version of an address; no row where no rule says anything.
--
-- Reads:   ip_versions, ip_type_rules
-- Needs:   ip_versions
-- Differs: from postgres in nothing but the spelling.
--
-- A label may be a list with commas: a rule holds for one of its parts, or for a part of the name of the network. The rule with
-- the least priority wins.
create view ip_version_types as
  select t.ip_address, t.enriched_at, t.ip_type
  from
    (
      select
        v.ip_address,
        v.enriched_at,
        (
          select r.ip_type
          from ip_type_rules as r
          where
            r.field = 'label'
            and instr(
              ',' || lower(v.type_label) || ',',
              ',' || r.pattern || ','
            ) > 0
            or r.field = 'asn_name'
            and instr(lower(v.asn_name), r.pattern) > 0
          order by r.priority, r.ip_type
          limit 1
        ) as ip_type
      from ip_versions as v
    ) as t
  where t.ip_type is not null;
