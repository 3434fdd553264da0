-- 0008_settings_create
--
-- Why:         What an operator may tune while programs run is data in the store, the same for every program.
-- Locks:       The write lock, for the catalogue change only.
-- Rewrites:    Nothing. The table is new.
-- Undo:        The down file drops the settings, changed ones too.
-- Transaction: one

create table settings (
  setting text constraint pk_settings primary key,
  value integer not null,
  unit text not null,
  least integer not null,
  greatest integer not null,
  meaning text not null,
  constraint ck_settings_value_range check (value between least and greatest)
)
strict, without rowid;

insert into settings (setting, value, unit, least, greatest, meaning)
values
  (
    'breaker_percent',
    10,
    'percent',
    1,
    100,
    'share of refused records among the recent ones of a file above which delta stops reading it'
  ),
  (
    'breaker_records',
    1000,
    'records',
    10,
    1000000,
    'how many recent records of a file that share is taken of'
  ),
  (
    'breaker_probe_seconds',
    60,
    'seconds',
    1,
    86400,
    'how long delta leaves such a file alone before it reads a piece again'
  ),
  (
    'replay_attempts',
    3,
    'tries',
    1,
    100,
    'how often a dead letter is replayed under one version of the rules'
  ),
  (
    'job_lease_seconds',
    30,
    'seconds',
    5,
    3600,
    'how long after its last sign of life another worker may take over a job'
  ),
  (
    'job_batch_ms',
    200,
    'milliseconds',
    10,
    60000,
    'how long a batch of a job should take; the batch size follows'
  ),
  (
    'job_failures',
    1000,
    'sessions',
    0,
    1000000,
    'how many sessions a job may leave out before it stops and asks for a person'
  ),
  (
    'clock_jump_seconds',
    60,
    'seconds',
    1,
    31536000,
    'how far the times of a log may go back before clock_jumps names it'
  ),
  (
    'clock_forward_hours',
    168,
    'hours',
    1,
    87600,
    'how far the times of a log may go forward at once before clock_jumps names it'
  ),
  (
    'sensor_gap_minutes',
    60,
    'minutes',
    1,
    525600,
    'how long a sensor may have no event before sensor_gaps names it'
  ),
  (
    'sensor_retired_days',
    30,
    'days',
    1,
    3650,
    'how long a sensor is silent before it counts as retired and is no alert any more'
  ),
  (
    'session_open_minutes',
    60,
    'minutes',
    1,
    525600,
    'how long a session without an end may be quiet and still count as running'
  ),
  (
    'snapshot_coverage_percent',
    90,
    'percent',
    0,
    100,
    'share of sessions with a snapshot below which snapshot_coverage alerts'
  ),
  (
    'reconcile_max_repair_percent',
    1,
    'percent',
    0,
    100,
    'share of all sessions above which reconcile repairs none and asks for a person; ten may always be repaired'
  ),
  (
    'reconcile_max_repair_sessions',
    10000,
    'sessions',
    0,
    1000000000,
    'how many sessions at most reconcile repairs by itself in one run'
  );
