-- 0017_session_summaries_snapshot
--
-- Why:         Questions by country, kind of address, network and day are answered from an index alone; an undo gives back what a backfill replaced.
-- Locks:       SHARE on session_summaries for a scan of it: the indexes hold only sessions with a snapshot, and there is none yet.
-- Rewrites:    Nothing. Two tables and the indexes are new.
-- Undo:        The down file drops them; which status a backfill replaced is forgotten, so its undo gives none back.
-- Transaction: one
-- Differs:     ip_recounts stays empty; sqlite notes there which addresses lost a session.

create table snapshot_priors (
  job_id bigint not null constraint fk_snapshot_priors_job_id_jobs
    references jobs (job_id),
  session_id text collate "C" not null,
  snapshot_status text collate "C" not null,
  snapshot_job_id bigint,
  constraint pk_snapshot_priors primary key (job_id, session_id)
);

create table ip_recounts (
  ip_address text collate "C" constraint pk_ip_recounts primary key
);

-- squawk-ignore require-concurrent-index-creation
create index ix_session_summaries_snapshot_country on session_summaries (
  snapshot_country,
  snapshot_ip_type,
  first_event_at
)
where snapshot_country is not null;

-- squawk-ignore require-concurrent-index-creation
create index ix_session_summaries_snapshot_asn on session_summaries (
  snapshot_asn,
  first_event_at,
  source_ip
)
where snapshot_asn is not null;
