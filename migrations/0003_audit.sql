-- Written once, in the transaction of the change it tells of; never altered.
create table audit_event (
  id                bigint primary key generated always as identity,
  txid              xid8 not null default pg_current_xact_id(),   -- which rows a snapshot holds; the sealer and reports use it
  at                timestamptz not null,
  ended_at          timestamptz not null,
  operation         text collate "C" not null,
  outcome           text collate "C" not null constraint audit_outcome check (outcome in ('success', 'refused', 'failed')),
  refusal           text,                                          -- the error code
  count             int not null default 1,                        -- equal refusals told together
  actor_kind        text not null,
  actor_id          uuid,
  actor_name        text collate "C" not null,
  target_kind       text,
  target_id         text,
  target_name       text collate "C",
  way_in            text not null,
  client_id         text,
  session_id        uuid,
  mechanism         text,
  ip                text collate "C",
  client_identifier text,
  request_id        text,
  message           text not null default '',
  details           jsonb not null default '{}'
);
create index audit_event_by_time on audit_event (at, id);
create index audit_event_by_target on audit_event (target_id, at, id) where target_id is not null;
create index audit_event_by_actor on audit_event (actor_id, at, id) where actor_id is not null;
create index audit_event_by_operation on audit_event (operation, at, id);
create index audit_event_by_txid on audit_event (txid, id);
-- What the audit report is ordered by, and searched by address and outcome.
create index audit_event_by_end on audit_event (ended_at, at, id);
create index audit_event_by_outcome on audit_event (outcome, at, id);
create index audit_event_by_actor_name on audit_event (actor_name, at, id);
create index audit_event_by_target_name on audit_event (coalesce(target_name, ''), at, id);
create index audit_event_by_ip on audit_event (coalesce(ip, ''), at, id);

create function audit_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'audit events are append-only' using errcode = 'insufficient_privilege';
end $$;
create trigger audit_event_append_only before update or delete or truncate on audit_event
  for each statement execute function audit_is_append_only();

-- The chain over the events, written by one sealer at a time: hash = SHA-256(previous hash || canonical event).
create table audit_seal (
  sequence bigint primary key,
  event_id bigint not null constraint audit_event_sealed_once unique,
  hash     bytea not null
);
create trigger audit_seal_append_only before update or delete or truncate on audit_seal
  for each statement execute function audit_is_append_only();

-- How far the sealer has come: every event of a transaction before `settled` is sealed, and of transaction `settled`
-- itself those up to `event_id`.
create table audit_head (
  only_row    boolean primary key default true check (only_row),
  sequence    bigint not null,
  hash        bytea not null,
  settled     xid8 not null,
  event_id    bigint not null default 0,
  restored_id bigint not null default 0      -- events up to it came with a restore: their txid is another server's
);
insert into audit_head (sequence, hash, settled) values (0, decode(repeat('00', 32), 'hex'), '0');

-- The Ed25519 keys that sign checkpoints; kid is the thumbprint of RFC 7638.
create table audit_key (
  kid            text primary key,
  public_jwk     jsonb not null,
  sealed_private bytea not null,                                   -- PKCS#8, sealed for 'audit-key:<kid>'
  created_at     timestamptz not null,
  retired_at     timestamptz
);
create unique index audit_key_in_use on audit_key ((true)) where retired_at is null;

create table audit_checkpoint (
  sequence  bigint primary key,
  hash      bytea not null,
  at        timestamptz not null,
  kid       text not null,
  signature bytea not null
);
create trigger audit_checkpoint_append_only before update or delete or truncate on audit_checkpoint
  for each statement execute function audit_is_append_only();

-- A report being paged through: what it showed at its first page, and where each page begins.
create table report_reading (
  id         text primary key,                 -- hash of reader, report, criteria and order
  family     text not null,                    -- the same without the reader's session
  generation int not null,                     -- raised when the first page is asked for again
  snapshot   text not null,                    -- pg_current_snapshot() of the first page
  started_at timestamptz not null,
  read_at    timestamptz not null
);
create index report_reading_by_family on report_reading (family, started_at);
create index report_reading_by_age on report_reading (read_at);

create table report_page (
  reading_id text not null references report_reading on delete cascade,
  generation int not null,
  page       bigint not null,
  key        jsonb,                            -- of the row before the page; null where the report has ended before it
  primary key (reading_id, generation, page)
);
