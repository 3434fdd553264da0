-- check_session_flags: sessions whose flags are not what verdicts and reports say; no rows when all is right.
--
-- Reads:   session_summaries, session_files; file_verdicts, ip_inventory
-- Differs: from postgres in nothing but the spelling.
create view check_session_flags as
  select
    t.session_id,
    t.vt_flagged,
    t.expected_vt_flagged,
    t.dshield_flagged,
    t.expected_dshield_flagged
  from
    (
      select
        s.session_id,
        s.vt_flagged,
        s.session_id in (
          select f.session_id
          from
            file_verdicts as v
            join session_files as f on f.shasum = v.shasum
          where v.is_malicious
        ) as expected_vt_flagged,
        s.dshield_flagged,
        coalesce(i.dshield_reports, 0) > 0 as expected_dshield_flagged
      from
        session_summaries as s
        left join ip_inventory as i on i.ip_address = s.source_ip
    ) as t
  where
    t.vt_flagged != t.expected_vt_flagged
    or t.dshield_flagged != t.expected_dshield_flagged;
