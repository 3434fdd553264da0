-- The triggers that note the keys of rows that change, or that refuse every change of a store whose place another has taken.
--
-- Takes the tables that are copied as JSON with name and the columns of the key, in order.
-- Returns: many
-- Not null: drop_text, note_text, refuse_text
--
-- Differs: nothing here yet; sqlite notes changes while a cutover runs.

select '' as drop_text, '' as note_text, '' as refuse_text
where cast(:tables as text) is null;
