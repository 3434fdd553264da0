-- Takes the lock under which a batch gets its place in the chain; here BEGIN IMMEDIATE has taken it. Gives the time.
--
-- Returns: one
-- Not null: locked_at

select strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') as locked_at;
