-- 0021_settings_campaign_gap: the parts that are missing; no rows when the migration holds.

select
  'settings' as relation,
  'setting' as kind,
  'campaign_gap_minutes' as missing
where
  not exists (
    select 1
    from settings as s
    where s.setting = 'campaign_gap_minutes'
  );
