-- Keeps a row that this engine cannot hold: its values, and the bytes of the one that is to blame.
--
-- Returns: none

insert into hydration_quarantine
  (
    hydration_id,
    table_name,
    last_key,
    row_key,
    column_name,
    reason,
    detail,
    raw,
    raw_digest,
    row_values,
    noted_at
  )
values
  (
    :hydration_id,
    :table_name,
    :last_key,
    :row_key,
    :column_name,
    :reason,
    :detail,
    :raw,
    :raw_digest,
    :row_values,
    :now
  );
