-- fold_command_scores: remembers what the new command lines of one batch score.
--
-- Takes:  batch_id, inserted as a row
-- Reads:  event_contributions; command_scores
-- Writes: command_scores, those that it does not have
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- Called by fold_batch alone.
create view fold_command_scores as
  select cast(null as integer) as batch_id
  where false;

create trigger tr_fold_command_scores_instead_of_insert
instead of insert on fold_command_scores
begin
  insert into command_scores (event_type, command, risk_score)
  select c.event_type, c.command, max(c.line_risk)
  from event_contributions as c
  where
    c.event_id >= new.batch_id * 1048576
    and c.event_id < (new.batch_id + 1) * 1048576
    and c.command is not null
    and not exists (
      select 1
      from command_scores as s
      where s.command = c.command and s.event_type = c.event_type
    )
  group by c.event_type, c.command;
end;
