-- 0010_verifications_create: undo
--
-- Why:         Takes back the up file.
-- Undo:        Apply the up file again; the memory of proofs is lost.

drop table verifications;
