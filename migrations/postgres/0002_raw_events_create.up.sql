-- 0002_raw_events_create
--
-- Why:         Every accepted record, once, with the fields that queries ask for as generated columns.
-- Locks:       ACCESS EXCLUSIVE on the new tables alone, for the catalogue change only.
-- Rewrites:    Nothing. The tables are new.
-- Undo:        The down file drops all events and the memory of duplicates.
-- Transaction: one
-- Differs:     payload is JSONB, which keeps numbers by value; sqlite has TEXT and reads the number's text, duration_text. A session id is limited to 1,024 bytes and indexed texts to 512 characters, for a btree entry ends at 2,704 bytes.
--
-- Trap: a duration was float seconds, then text with one decimal, then whole milliseconds, two of them even in one
-- file. Seconds are read as decimal text and rounded half up, so that the engines agree; over ten years is NULL. Only
-- what a regular expression has cut to nine digits before and nine after the point is cast: no text of the log raises.
-- nullif(least(x, limit), limit) is NULL from the limit on, with x written once: its regular expression is the dearest
-- part. A plain form is tried first, for a pattern that captures takes 4 µs and one that does not takes 2. The limit of seconds is the first number that sqlite's REAL tells from ten years.

create table event_flags (
  flag text collate "C" constraint pk_event_flags primary key,
  meaning text collate "C" not null
);

insert into event_flags (flag, meaning)
values
  ('bad_hash', 'shasum is not 64 lower-case hexadecimal digits; it is not linked to a file'),
  ('bad_ip', 'src_ip is not an address in a form that has one meaning'),
  ('bad_port', 'a port is no whole number from 0 to 65535'),
  ('bogon', 'src_ip is private, loopback, link-local, reserved or multicast'),
  ('bom', 'a UTF-8 byte order mark stood before the record and was removed'),
  ('clock', 'the time is before 2014, or more than a day after the load'),
  ('duration', 'a duration is negative, not finite or over ten years; it is not counted'),
  ('event_session', 'no session field; the session id comes from another identifier'),
  ('glued', 'several records stood on one line'),
  ('key_case', 'a key differs from a known one in letter case only'),
  ('long', 'the record is longer than 65,536 bytes'),
  ('no_session', 'no session id of any kind; the event folds into no session'),
  ('nul', 'a string holds U+0000; the payload shows it as the six characters \u0000'),
  ('nul_key', 'a key holds U+0000; the payload shows it as the six characters \u0000'),
  ('number_range', 'a number no double can hold; the payload has its digits as a string'),
  ('path', 'a file name is a path out of its folder, a device, or holds control characters'),
  ('stitched', 'the record was cut in two by a rotation and put together again'),
  ('surrogate', 'a string holds half a surrogate pair; the payload shows its escape as text'),
  ('time_range', 'a leap second, written as the first instant of the next minute'),
  ('type', 'a known field has a value of another JSON type; its column is NULL'),
  ('tz_assumed', 'the time had no zone; UTC was assumed'),
  ('unknown_event', 'the event id is not in event_types');

create table event_types (
  event_type text collate "C" constraint pk_event_types primary key,
  legacy_of text collate "C"
  constraint fk_event_types_legacy_of_event_types
  references event_types (event_type),
  since text collate "C" not null,
  until text collate "C",
  meaning text collate "C" not null
);

create table session_identifiers (
  priority integer constraint pk_session_identifiers primary key,
  field text collate "C" not null
  constraint uq_session_identifiers_field unique,
  matcher text collate "C" not null
  constraint ck_session_identifiers_matcher_known
  check (matcher in ('session', 'event_session')),
  meaning text collate "C" not null
);

insert into session_identifiers (priority, field, matcher, meaning)
values
  (1, 'session', 'session', 'the session field that Cowrie writes'),
  (2, 'session_id', 'event_session', 'a session field renamed by a forwarder'),
  (3, 'sessionid', 'event_session', 'a session field renamed by a forwarder'),
  (4, 'sid', 'event_session', 'a session field renamed by a forwarder'),
  (5, 'message', 'event_session', 'the text [session: ID] of a connect message');

create table raw_events (
  event_id bigint
  constraint pk_raw_events primary key,
  batch_id bigint not null
  generated always as (event_id >> 20) stored,
  session_id text collate "C" not null
  constraint ck_raw_events_session_id_length
  check (octet_length(session_id) <= 1024),
  occurred_at timestamptz not null
  constraint ck_raw_events_occurred_at_form check (
    occurred_at >= '0001-01-01 00:00:00+00'
    and occurred_at < '10000-01-01 00:00:00+00'
  ),
  line_digest bytea not null
  constraint ck_raw_events_line_digest_length check (length(line_digest) = 16),
  flags text collate "C" not null default '',
  canonical_ip text collate "C",
  canonical_type text collate "C",
  event_type text collate "C" not null
  generated always as (
    coalesce(
      canonical_type,
      case jsonb_typeof(payload -> 'eventid')
        when 'string' then payload ->> 'eventid'
      end
    )
  ) stored,
  src_ip text collate "C"
  generated always as (
    coalesce(
      canonical_ip,
      case
        when jsonb_typeof(payload -> 'src_ip') = 'string'
        and length(payload ->> 'src_ip') <= 512 then payload ->> 'src_ip'
      end
    )
  ) stored,
  sensor text collate "C"
  generated always as (
    case jsonb_typeof(payload -> 'sensor')
      when 'string' then payload ->> 'sensor'
    end
  ) stored,
  protocol text collate "C"
  generated always as (
    case jsonb_typeof(payload -> 'protocol')
      when 'string' then payload ->> 'protocol'
    end
  ) stored,
  username text collate "C"
  generated always as (
    case
      when jsonb_typeof(payload -> 'username') = 'string'
      and length(payload ->> 'username') <= 512 then payload ->> 'username'
    end
  ) stored,
  password text collate "C"
  generated always as (
    case jsonb_typeof(payload -> 'password')
      when 'string' then payload ->> 'password'
    end
  ) stored,
  input text collate "C"
  generated always as (
    case jsonb_typeof(payload -> 'input')
      when 'string' then payload ->> 'input'
    end
  ) stored,
  shasum text collate "C"
  generated always as (
    case
      when jsonb_typeof(payload -> 'shasum') = 'string'
      and length(payload ->> 'shasum') <= 512 then payload ->> 'shasum'
    end
  ) stored,
  url text collate "C"
  generated always as (
    case jsonb_typeof(payload -> 'url')
      when 'string' then payload ->> 'url'
    end
  ) stored,
  hassh text collate "C"
  generated always as (
    case
      when coalesce(canonical_type, payload ->> 'eventid') in (
        'cowrie.client.kex',
        'cowrie.client.fingerprint'
      )
      and jsonb_typeof(payload -> 'hassh') = 'string'
      and length(payload ->> 'hassh') <= 512 then payload ->> 'hassh'
    end
  ) stored,
  client_version text collate "C"
  generated always as (
    case
      when coalesce(canonical_type, payload ->> 'eventid') = 'cowrie.client.version'
      and jsonb_typeof(payload -> 'version') = 'string' then payload ->> 'version'
    end
  ) stored,
  duration_ms bigint
  generated always as (
    case
      when coalesce(canonical_type, payload ->> 'eventid') != 'cowrie.session.closed'
      then null
      when jsonb_typeof(payload -> 'duration_ms') = 'number' then nullif(
        least(
          substring(payload ->> 'duration_ms' from '^[0-9]{1,12}$')::bigint,
          315360000001
        ),
        315360000001
      )
      when jsonb_typeof(payload -> 'duration') in ('number', 'string') then (
        round(
          nullif(
            least(
              coalesce(
                substring(payload ->> 'duration' from '^[0-9]{1,9}[.][0-9]{1,9}$'),
                substring(
                  payload ->> 'duration'
                  from '^0*([0-9]{1,9}(?:[.][0-9]{1,9}|$))[0-9]*$'
                )
              )::numeric,
              315360000.00000003
            ),
            315360000.00000003
          ),
          3
        )
        * 1000
      )::bigint
    end
  ) stored,
  payload jsonb not null
  constraint ck_raw_events_payload_object
  check (jsonb_typeof(payload) = 'object'),
  constraint uq_raw_events_identity
  unique (session_id, occurred_at, line_digest)
);

create index ix_raw_events_src_ip on raw_events (src_ip) where src_ip is not null;
create index ix_raw_events_username
on raw_events (username)
where username is not null;
create index ix_raw_events_shasum on raw_events (shasum) where shasum is not null;
create index ix_raw_events_hassh on raw_events (hassh) where hassh is not null;

create index ix_raw_events_unknown_event on raw_events (occurred_at)
where flags <> '' and position('unknown_event' in flags) > 0;

create table duplicate_sightings (
  event_id bigint not null
  constraint fk_duplicate_sightings_event_id_raw_events
  references raw_events (event_id),
  batch_id bigint not null
  constraint fk_duplicate_sightings_batch_id_ingest_batches
  references ingest_batches (batch_id) deferrable initially deferred,
  sightings bigint not null
  constraint ck_duplicate_sightings_sightings_positive check (sightings > 0),
  constraint pk_duplicate_sightings primary key (event_id, batch_id)
);

create index ix_duplicate_sightings_batch_id on duplicate_sightings (batch_id);
