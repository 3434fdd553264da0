-- Has a source read again from its start by the next load that meets its file.
--
-- Returns: none

update sources
set
  next_offset = 0,
  prefix_digest = null,
  state = 'reading'
where source_id = :source_id;
