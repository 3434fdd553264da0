-- Says how far a source is: loaded, waiting for the rest of a line, or damaged.
--
-- Returns: none

update sources
set state = :state
where source_id = :source_id;
