-- 0008_settings_create: undo
--
-- Why:         Takes back the up file.
-- Undo:        Apply the up file again; changed settings are lost.

drop table settings;
