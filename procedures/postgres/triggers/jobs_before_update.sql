-- jobs_before_update: a job is ended by its work or cancelled, and does not change after that.
--
-- Fails:  WR044 it is ended by hand, goes over a part of its work, becomes another job, or had ended
--
-- Of an ended job the worker, its last sign of life and the batch size may still change: the worker leaves it.
create or replace function tg_jobs_before_update()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  if
    (new.job_id, new.kind, new.params) is distinct from (old.job_id, old.kind, old.params)
    or (
      old.state in ('done', 'needs_attention', 'cancelled')
      and (
        new.state, new.phase, new.cursor, new.last_cursor, new.session_cursor, new.total, new.processed,
        new.rows_inserted, new.rows_updated, new.rows_deleted, new.failed_batches, new.finished_at, new.error
      ) is distinct from (
        old.state, old.phase, old.cursor, old.last_cursor, old.session_cursor, old.total, old.processed,
        old.rows_inserted, old.rows_updated, old.rows_deleted, old.failed_batches, old.finished_at, old.error
      )
    )
  then
    raise exception using
      errcode = 'WR044',
      message = 'an ended job does not change, and no job becomes another';
  end if;

  if
    (new.phase = 'end') <> (new.state in ('done', 'needs_attention'))
    or (new.phase = 'end' and new.cursor < new.last_cursor)
    or (
      new.phase <> old.phase
      and not (
        new.phase = 'missing' and old.phase in ('sessions', 'strays') and new.restarts > old.restarts
      )
      and (old.phase, new.phase) not in (
        ('missing', 'sessions'),
        ('sessions', 'strays'),
        ('strays', 'end'),
        ('proving', 'repairing'),
        ('repairing', 'end'),
        ('undoing', 'end')
      )
    )
  then
    raise exception using
      errcode = 'WR044',
      message = 'a job is done when its work is at the end';
  end if;

  return new;
end;
$$;

create or replace trigger tr_jobs_before_update
before update on jobs
for each row
execute function tg_jobs_before_update();
