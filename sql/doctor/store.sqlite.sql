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
      printf('job %s', j.job_id) as subject,
      'fault' as level,
      printf(
        '%s runs, with no sign of life for %s s',
        j.kind,
        cast((julianday('now') - julianday(j.heartbeat_at)) * 86400 as integer)
      ) as present,
      'a sign of life every few seconds' as advised,
      'its worker is gone or hangs' as why,
      printf(
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
      and cast(
        (julianday('now') - julianday(j.heartbeat_at)) * 86400 as integer
      ) > 2 * t.value
    union all
    select
      printf('job %s', j.job_id),
      'warning',
      printf(
        '%s %s',
        j.kind,
        case j.state
          when 'failed' then 'has failed'
          else 'needs a person'
        end
      ),
      'done',
      'what it was to do is not done',
      printf('cowriedb jobs show %s', j.job_id)
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
        and cast(
          (julianday('now') - julianday(p.finished_at)) * 86400 as integer
        ) > 129600 then 'warning'
        when p.exit_code in (0, 21) then 'ok'
        else 'fault'
      end,
      case
        when p.finished_at is null then 'none was ever ended'
        else printf(
          'ended with code %s, %s h ago',
          p.exit_code,
          cast(
            (julianday('now') - julianday(p.finished_at)) * 86400 as integer
          ) / 3600
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
      printf('the last one found %s differences', v.differences),
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
      printf('batch %s', b.batch_id),
      'note',
      printf(
        'open for %s s',
        cast((julianday('now') - julianday(b.opened_at)) * 86400 as integer)
      ),
      'sealed',
      'a load was ended in the middle of it; the next one goes on',
      'cowriedb ingest bulk PATH'
    from ingest_batches as b
    where
      b.sealed_at is null
      and cast(
        (julianday('now') - julianday(b.opened_at)) * 86400 as integer
      ) > 86400
    union all
    select
      'objects set aside',
      case
        when h.finished_at is null then 'warning'
        else 'fault'
      end,
      printf(
        '%s by hydration %s%s',
        count(*),
        o.hydration_id,
        iif(
          h.finished_at is null,
          printf(
            ', with no sign of life for %s s',
            cast((julianday('now') - julianday(l.seen_at)) * 86400 as integer)
          ),
          ''
        )
      ),
      'none but while it runs',
      'indexes or keys are missing until it has ended',
      'the same command again: cowriedb hydrate --resume'
    from
      hydration_objects as o
      join hydrations as h on h.hydration_id = o.hydration_id
      -- A run that lives has the lock of copies, which is on the server: here it shows by what it has done last.
      cross join (
        select
          max(
            coalesce(
              (
                select max(x.started_at)
                from hydrations as x
              ),
              ''
            ),
            coalesce(
              (
                select max(k.copied_at)
                from hydration_chunks as k
              ),
              ''
            ),
            coalesce(
              (
                select max(b.changed_at)
                from hydration_objects as b
              ),
              ''
            )
          ) as seen_at
      ) as l
    where
      o.state = 'aside'
      and (
        h.finished_at is not null
        or (julianday('now') - julianday(l.seen_at)) * 86400 > 900
      )
    group by o.hydration_id, h.finished_at
    having count(*) > 0
  ) as f
order by f.subject;
