-- Makes the schema that holds every object.
--
-- Returns: none

create schema if not exists cowrie;
