-- What of the store wants somebody: jobs that are stuck or failed, the last proof and its age, loads left open, objects set aside.
--
-- Returns: many
-- Not null: subject, level, present, advised, why, command

select
  f.subject,
  f.level,
  f.present,
  f.advised,
  f.why,
  f.command
from
  (
    select
      format('job %s', j.job_id) as subject,
      'fault' as level,
      format(
        '%s runs, with no sign of life for %s s',
        j.kind,
        extract(epoch from clock_timestamp() - j.heartbeat_at)::bigint
      ) as present,
      'a sign of life every few seconds' as advised,
      'its worker is gone or hangs' as why,
      format(
        'cowriedb jobs show %s, then cowriedb jobs resume %s',
        j.job_id,
        j.job_id
      ) as command
    from
      jobs as j
      join settings as t on t.setting = 'job_lease_seconds'
    where
      j.state = 'running'
      and j.worker is not null
      and extract(
        epoch from clock_timestamp() - j.heartbeat_at
      )::bigint > 2 * t.value
    union all
    select
      format('job %s', j.job_id),
      'warning',
      format(
        '%s %s',
        j.kind,
        case j.state
          when 'failed' then 'has failed'
          else 'needs a person'
        end
      ),
      'done',
      'what it was to do is not done',
      format('cowriedb jobs show %s', j.job_id)
    from jobs as j
    where
      j.state = 'failed'
      or (
        j.state = 'needs_attention'
        and not exists (
          select 1
          from jobs as later
          where
            later.kind = j.kind
            and later.job_id > j.job_id
            and later.state = 'done'
        )
      )
    union all
    select
      'proof',
      case
        when p.finished_at is null then 'warning'
        when p.exit_code in (0, 21)
        and extract(
          epoch from clock_timestamp() - p.finished_at
        )::bigint > 129600 then 'warning'
        when p.exit_code in (0, 21) then 'ok'
        else 'fault'
      end,
      case
        when p.finished_at is null then 'none was ever ended'
        else format(
          'ended with code %s, %s h ago',
          p.exit_code,
          extract(epoch from clock_timestamp() - p.finished_at)::bigint / 3600
        )
      end,
      'every night, with code 0',
      'nobody knows that the summaries are right',
      case
        when p.exit_code in (0, 21)
        or p.finished_at is null then 'cowriedb reconcile'
        else 'cowriedb runbook show morning-after'
      end
    from
      (select 1 as one) as o
      left join (
        select r.finished_at, r.exit_code
        from reconcile_runs as r
        where
          r.run_id = (
            select max(x.run_id)
            from reconcile_runs as x
            where x.finished_at is not null
          )
      ) as p
        on true
    where
      p.finished_at is not null
      or exists (
        select 1
        from ingest_batches as b
        where b.sealed_at is not null
      )
    union all
    select
      'verification',
      'fault',
      format('the last one found %s differences', v.differences),
      'none',
      'evidence, events or derived rows are not what was sealed',
      'cowriedb verify'
    from verifications as v
    where
      v.differences > 0
      and v.verification_id = (
        select max(x.verification_id)
        from verifications as x
        where x.finished_at is not null
      )
    union all
    select
      format('batch %s', b.batch_id),
      'note',
      format(
        'open for %s s',
        extract(epoch from clock_timestamp() - b.opened_at)::bigint
      ),
      'sealed',
      'a load was ended in the middle of it; the next one goes on',
      'cowriedb ingest bulk PATH'
    from ingest_batches as b
    where
      b.sealed_at is null
      and extract(epoch from clock_timestamp() - b.opened_at)::bigint > 86400
    union all
    select
      'objects set aside',
      case
        when h.finished_at is null then 'warning'
        else 'fault'
      end,
      format('%s by hydration %s', count(*), o.hydration_id),
      'none but while it runs',
      'indexes or keys are missing until it has ended',
      'the same command again: cowriedb hydrate --resume'
    from
      hydration_objects as o
      join hydrations as h on h.hydration_id = o.hydration_id
    where
      o.state = 'aside'
      and (
        h.finished_at is not null
        or not exists (
          -- A run holds the lock of copies for as long as it lives.
          select 1
          from pg_locks as l
          where
            l.locktype = 'advisory'
            and l.classid = 7266311
            and l.objid = 3
            and l.granted
            and l.database = (
              select d.oid
              from pg_database as d
              where d.datname = current_database()
            )
        )
      )
    group by o.hydration_id, h.finished_at
    having count(*) > 0
  ) as f
order by f.subject;
