-- Whose a store is, or the ledger of somebody's own folder: what he owns is as it should be.
--
-- Returns: one
-- Not null: owner

select '' as owner
where :of_store is not null;
