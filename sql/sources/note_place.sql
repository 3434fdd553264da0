-- Notes where a source lies now, and as what it was found, after its bytes have been compared with those that were read.
-- One that is to be read again from its start stays so.
--
-- Returns: none

update sources
set
  path = :path,
  path_shown = :path_shown,
  size_bytes = :size_bytes,
  device = :device,
  inode = :inode,
  changed_us = :changed_us,
  state = case
    when next_offset = 0 then 'reading'
    else :state
  end
where source_id = :source_id;
