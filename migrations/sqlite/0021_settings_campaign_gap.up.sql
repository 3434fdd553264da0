-- 0021_settings_campaign_gap
--
-- Why:         How long a campaign may be quiet is for the operator to say; campaign_clusters asks for it.
-- Locks:       The write lock, for one row.
-- Rewrites:    Nothing.
-- Undo:        The down file deletes the setting, changed or not.
-- Transaction: one

insert into settings (setting, value, unit, least, greatest, meaning)
values
  (
    'campaign_gap_minutes',
    60,
    'minutes',
    1,
    525600,
    'how long after one session of a campaign the next may begin for campaign_clusters to take both together'
  );
