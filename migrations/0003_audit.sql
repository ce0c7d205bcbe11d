-- Written once, in the transaction of the change it tells of; never altered.
create table audit_event (
  id                bigint primary key generated always as identity,
  txid              xid8 not null default pg_current_xact_id(),   -- which rows a snapshot holds; the sealer and reports use it
  at                timestamptz not null,
  ended_at          timestamptz not null,
  operation         text not null,
  outcome           text not null constraint audit_outcome check (outcome in ('success', 'refused', 'failed')),
  refusal           text,                                          -- the error code
  count             int not null default 1,                        -- equal refusals told together
  actor_kind        text not null,
  actor_id          uuid,
  actor_name        text not null,
  target_kind       text,
  target_id         text,
  target_name       text,
  way_in            text not null,
  client_id         text,
  session_id        uuid,
  mechanism         text,
  ip                text,
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

-- How far the sealer has come: every event of a transaction before `settled` is sealed.
create table audit_head (
  only_row boolean primary key default true check (only_row),
  sequence bigint not null,
  hash     bytea not null,
  settled  xid8 not null
);
insert into audit_head (sequence, hash, settled) values (0, decode(repeat('00', 32), 'hex'), '0');

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
  snapshot   text not null,                    -- pg_current_snapshot() of the first page
  starts     jsonb not null,                   -- page number -> key of the row before it
  read_at    timestamptz not null
);
create index report_reading_by_age on report_reading (read_at);
