-- 0010_verifications_create
--
-- Why:         A batch proved once need not be read every night; the store remembers up to where all is proved, and by what.
-- Locks:       The write lock, for the catalogue change only.
-- Rewrites:    Nothing. The table is new.
-- Undo:        The down file drops the memory of proofs; the next verify reads every batch again.
-- Transaction: one

create table verifications (
  verification_id integer constraint pk_verifications primary key,
  scope text not null constraint ck_verifications_scope_known
    check (scope in ('new', 'full', 'from')),
  state text not null constraint ck_verifications_state_known
    check (
      state in ('running', 'clean', 'differences', 'unproved', 'interrupted')
    ),
  first_position integer not null,
  proved_position integer not null constraint ck_verifications_proved_position_positive
    check (proved_position >= 0),
  chain_digest blob,
  batches integer not null,
  events integer not null,
  sessions integer not null,
  differences integer not null,
  unproved integer not null,
  tool_version text not null,
  started_at text not null default (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
  finished_at text,
  constraint ck_verifications_chain_digest_known
    check (
      (proved_position = 0 and chain_digest is null)
      or (proved_position > 0 and coalesce(length(chain_digest) = 32, false))
    )
)
strict;

create index ix_verifications_proved_position on verifications (
  proved_position
);
