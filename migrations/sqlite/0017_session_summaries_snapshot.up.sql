-- 0017_session_summaries_snapshot
--
-- Why:         Questions by country, kind of address, network and day are answered from an index alone; an undo gives back what a backfill replaced.
-- Locks:       The write lock for a scan of session_summaries: the indexes hold only sessions with a snapshot, and there is none yet.
-- Rewrites:    Nothing. Two tables and the indexes are new.
-- Undo:        The down file drops them; which status a backfill replaced is forgotten, so its undo gives none back.
-- Transaction: one
-- Differs:     postgres recounts the times of an address in the statement that takes a session from it; sqlite notes it in ip_recounts.

create table snapshot_priors (
  job_id integer not null constraint fk_snapshot_priors_job_id_jobs
    references jobs (job_id),
  session_id text not null,
  snapshot_status text not null,
  snapshot_job_id integer,
  constraint pk_snapshot_priors primary key (job_id, session_id)
)
strict, without rowid;

create table ip_recounts (
  ip_address text constraint pk_ip_recounts primary key
)
strict, without rowid;

create index ix_session_summaries_snapshot_country on session_summaries (
  snapshot_country,
  snapshot_ip_type,
  first_event_at
)
where snapshot_country is not null;

create index ix_session_summaries_snapshot_asn on session_summaries (
  snapshot_asn,
  first_event_at,
  source_ip
)
where snapshot_asn is not null;
