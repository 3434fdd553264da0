-- 0002_raw_events_create
--
-- Why:         Every accepted record, once, with the fields that queries ask for as generated columns.
-- Locks:       The write lock, for the catalogue change only.
-- Rewrites:    Nothing. The tables are new.
-- Undo:        The down file drops all events and the memory of duplicates.
-- Transaction: one
-- Differs:     payload is TEXT with a CHECK; postgres has JSONB. duration_ms reads the number's text, duration_text.
--
-- Trap: a duration was float seconds, then text with one decimal, then whole milliseconds, two of them even in one
-- file. Seconds are read as decimal text and rounded half up, so that the engines agree; over ten years is NULL.

create table event_flags (
  flag text constraint pk_event_flags primary key,
  meaning text not null
)
strict, without rowid;

insert into event_flags (flag, meaning)
values
  (
    'bad_hash',
    'shasum is not 64 lower-case hexadecimal digits; it is not linked to a file'
  ),
  ('bad_ip', 'src_ip is not an address in a form that has one meaning'),
  ('bad_port', 'a port is no whole number from 0 to 65535'),
  ('bogon', 'src_ip is private, loopback, link-local, reserved or multicast'),
  ('bom', 'a UTF-8 byte order mark stood before the record and was removed'),
  ('clock', 'the time is before 2014, or more than a day after the load'),
  (
    'duration',
    'a duration is negative, not finite or over ten years; it is not counted'
  ),
  (
    'event_session',
    'no session field; the session id comes from another identifier'
  ),
  ('glued', 'several records stood on one line'),
  ('key_case', 'a key differs from a known one in letter case only'),
  ('long', 'the record is longer than 65,536 bytes'),
  ('no_session', 'no session id of any kind; the event folds into no session'),
  (
    'nul',
    'a string holds U+0000; the payload shows it as the six characters \u0000'
  ),
  (
    'nul_key',
    'a key holds U+0000; the payload shows it as the six characters \u0000'
  ),
  (
    'number_range',
    'a number no double can hold; the payload has its digits as a string'
  ),
  (
    'path',
    'a file name is a path out of its folder, a device, or holds control characters'
  ),
  (
    'stitched',
    'the record was cut in two by a rotation and put together again'
  ),
  (
    'surrogate',
    'a string holds half a surrogate pair; the payload shows its escape as text'
  ),
  (
    'time_range',
    'a leap second, written as the first instant of the next minute'
  ),
  (
    'type',
    'a known field has a value of another JSON type; its column is NULL'
  ),
  ('tz_assumed', 'the time had no zone; UTC was assumed'),
  ('unknown_event', 'the event id is not in event_types');

create table event_types (
  event_type text constraint pk_event_types primary key,
  legacy_of text constraint fk_event_types_legacy_of_event_types
    references event_types (event_type),
  since text not null,
  until text,
  meaning text not null
)
strict, without rowid;

create table session_identifiers (
  priority integer constraint pk_session_identifiers primary key,
  field text not null constraint uq_session_identifiers_field unique,
  matcher text not null constraint ck_session_identifiers_matcher_known
    check (matcher in ('session', 'event_session')),
  meaning text not null
)
strict;

insert into session_identifiers (priority, field, matcher, meaning)
values
  (1, 'session', 'session', 'the session field that Cowrie writes'),
  (2, 'session_id', 'event_session', 'a session field renamed by a forwarder'),
  (3, 'sessionid', 'event_session', 'a session field renamed by a forwarder'),
  (4, 'sid', 'event_session', 'a session field renamed by a forwarder'),
  (
    5,
    'message',
    'event_session',
    'the text [session: ID] of a connect message'
  );

create table raw_events (
  event_id integer constraint pk_raw_events primary key,
  batch_id integer not null generated always as (event_id >> 20) virtual,
  session_id text not null constraint ck_raw_events_session_id_length
    check (octet_length(session_id) <= 1024),
  occurred_at text not null constraint ck_raw_events_occurred_at_form
    check (
      occurred_at glob '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'
      and date(occurred_at) is substr(occurred_at, 1, 10)
      and substr(occurred_at, 12, 2) < '24'
      and occurred_at > '0001'
    ),
  line_digest blob not null constraint ck_raw_events_line_digest_length
    check (length(line_digest) = 16),
  flags text not null default '',
  canonical_ip text,
  canonical_type text,
  event_type text not null generated always as (
    coalesce(
      canonical_type,
      case json_type(payload, '$.eventid')
        when 'text' then payload ->> '$.eventid'
      end
    )
  ) stored,
  src_ip text generated always as (
    coalesce(
      canonical_ip,
      case
        when json_type(payload, '$.src_ip') = 'text'
        and length(payload ->> '$.src_ip') <= 512 then payload ->> '$.src_ip'
      end
    )
  ) stored,
  sensor text generated always as (
    case json_type(payload, '$.sensor')
      when 'text' then payload ->> '$.sensor'
    end
  ) stored,
  protocol text generated always as (
    case json_type(payload, '$.protocol')
      when 'text' then payload ->> '$.protocol'
    end
  ) stored,
  username text generated always as (
    case
      when json_type(payload, '$.username') = 'text'
      and length(payload ->> '$.username') <= 512 then payload ->> '$.username'
    end
  ) stored,
  password text generated always as (
    case json_type(payload, '$.password')
      when 'text' then payload ->> '$.password'
    end
  ) stored,
  input text generated always as (
    case json_type(payload, '$.input')
      when 'text' then payload ->> '$.input'
    end
  ) stored,
  shasum text generated always as (
    case
      when json_type(payload, '$.shasum') = 'text'
      and length(payload ->> '$.shasum') <= 512 then payload ->> '$.shasum'
    end
  ) stored,
  url text generated always as (
    case json_type(payload, '$.url')
      when 'text' then payload ->> '$.url'
    end
  ) stored,
  hassh text generated always as (
    case
      when event_type in ('cowrie.client.kex', 'cowrie.client.fingerprint')
      and json_type(payload, '$.hassh') = 'text'
      and length(payload ->> '$.hassh') <= 512 then payload ->> '$.hassh'
    end
  ) stored,
  client_version text generated always as (
    case
      when event_type = 'cowrie.client.version'
      and json_type(payload, '$.version') = 'text' then payload ->> '$.version'
    end
  ) stored,
  duration_text text generated always as (
    case
      when event_type != 'cowrie.session.closed' then null
      when json_type(
        payload,
        '$.duration'
      ) = 'text' then payload ->> '$.duration'
      when json_type(payload, '$.duration') in (
        'integer',
        'real'
      ) then payload -> '$.duration'
    end
  ) virtual,
  duration_ms integer generated always as (
    case
      when event_type != 'cowrie.session.closed' then null
      when json_type(payload, '$.duration_ms') in ('integer', 'real') then case
        when (payload -> '$.duration_ms') not glob '*[^0-9]*'
        and length(payload -> '$.duration_ms') <= 12
        and (
          payload ->> '$.duration_ms'
        ) <= 315360000000 then payload ->> '$.duration_ms'
        when (payload -> '$.duration_ms') glob '[0-9]*[eE]*'
        and (payload ->> '$.duration_ms') <= 315360000000
        and (payload ->> '$.duration_ms') = round(
          payload ->> '$.duration_ms'
        ) then cast(payload ->> '$.duration_ms' as integer)
      end
      when json_type(payload, '$.duration') in (
        'integer',
        'real',
        'text'
      ) then case
        when duration_text not glob '*[^0-9.]*'
        and duration_text glob '[0-9]*'
        and duration_text not glob '*.*.*'
        and duration_text not glob '*.'
        and cast(duration_text as real) <= 315360000 then (
          cast(duration_text as integer) * 10000 + case
            when duration_text glob '*.*' then cast(
              substr(
                substr(duration_text, instr(duration_text, '.') + 1) || '0000',
                1,
                4
              ) as integer
            )
            else 0
          end + 5
        ) / 10
        when json_type(payload, '$.duration') != 'text'
        and (payload -> '$.duration') glob '[0-9]*[eE]*'
        and (payload ->> '$.duration') <= 315360000 then cast(
          round((payload ->> '$.duration') * 1000) as integer
        )
      end
    end
  ) stored,
  payload text not null constraint ck_raw_events_payload_object
    check (json_valid(payload, 1) and json_type(payload) = 'object'),
  constraint uq_raw_events_identity
    unique (session_id, occurred_at, line_digest)
)
strict;

create index ix_raw_events_src_ip on raw_events (src_ip)
where src_ip is not null;
create index ix_raw_events_username on raw_events (username)
where username is not null;
create index ix_raw_events_shasum on raw_events (shasum)
where shasum is not null;
create index ix_raw_events_hassh on raw_events (hassh) where hassh is not null;

create index ix_raw_events_unknown_event on raw_events (occurred_at)
where flags != '' and instr(flags, 'unknown_event') > 0;

create table duplicate_sightings (
  event_id integer not null constraint fk_duplicate_sightings_event_id_raw_events
    references raw_events (event_id),
  batch_id integer not null constraint fk_duplicate_sightings_batch_id_ingest_batches
    references ingest_batches (batch_id),
  sightings integer not null constraint ck_duplicate_sightings_sightings_positive
    check (sightings > 0),
  constraint pk_duplicate_sightings primary key (event_id, batch_id)
)
strict, without rowid;

create index ix_duplicate_sightings_batch_id on duplicate_sightings (batch_id);
