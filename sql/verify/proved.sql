-- Up to where all batches are proved.
--
-- Returns: maybe

select proved_position, chain_digest
from verifications
where proved_position > 0
order by proved_position desc, verification_id desc
limit 1;
