-- Up to where all batches are proved, as the last verification left it.
--
-- Returns: maybe

select proved_position, chain_digest
from verifications
order by verification_id desc
limit 1;
