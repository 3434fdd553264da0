-- Says how far a source is: loaded, waiting for the rest of a line, damaged or tripped. One that is to be read again from
-- its start stays so.
--
-- Returns: none

update sources
set state = case
  when next_offset = 0 then 'reading'
  else :state
end
where source_id = :source_id;
