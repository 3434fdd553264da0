-- 0021_settings_campaign_gap: undo
--
-- Why:         Takes back the up file.
-- Undo:        Apply the up file again.

delete from settings
where setting = 'campaign_gap_minutes';
