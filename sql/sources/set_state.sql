-- Says how far a source is: loaded, waiting for the rest of a line, damaged or tripped.
--
-- Returns: none

update sources
set state = :state
where source_id = :source_id;
