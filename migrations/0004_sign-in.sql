-- One row per token grant (the contract's `Logons`); its id is the session that tokens carry.
create table logon (
  id                uuid primary key,
  person_id         uuid not null,
  client_id         text not null,
  mechanism         text not null,
  grant_type        text not null,
  ip                text,
  client_identifier text,
  at                timestamptz not null,
  expires_at        timestamptz not null,
  ended_at          timestamptz                        -- signed out, or ended by an operator
);
create index logon_by_person on logon (person_id, at);
create index logon_by_expiry on logon (expires_at);

-- Access tokens are self-contained; what ended before its time is listed here until it would have expired anyway.
create table revoked (
  id    text primary key,                      -- 'jti:…', 'grant:…' or 'session:…'
  until timestamptz not null
);
create index revoked_by_expiry on revoked (until);

-- What oidc-provider stores. The id of anything that is a credential is its SHA-256.
create table oidc_artifact (
  model       text not null,
  id          text not null,
  grant_id    text,
  account_id  uuid,                            -- the person who signed in; what ends their sessions ends these too
  uid         text,
  user_code   text,
  payload     jsonb not null,
  consumed_at timestamptz,
  expires_at  timestamptz,
  primary key (model, id)
);
create index oidc_artifact_by_grant on oidc_artifact (grant_id) where grant_id is not null;
create index oidc_artifact_by_account on oidc_artifact (account_id) where account_id is not null;
create index oidc_artifact_by_uid on oidc_artifact (model, uid) where uid is not null;
create index oidc_artifact_by_user_code on oidc_artifact (model, user_code) where user_code is not null;
create index oidc_artifact_by_expiry on oidc_artifact (expires_at) where expires_at is not null;

create table signing_key (
  kid            text primary key,
  alg            text not null,
  public_jwk     jsonb not null,
  sealed_private bytea not null,               -- PKCS#8, sealed for 'signing-key:<kid>'
  created_at     timestamptz not null,
  signs_from     timestamptz not null,         -- published before it signs
  signs_until    timestamptz not null,
  published_until timestamptz not null         -- the last token it signed has expired by then
);

-- Which master key the sealed values of this database stand under, so that a wrong one is told at once.
create table master_key (
  id         text primary key,
  proof      bytea not null,                   -- a known text sealed under it
  created_at timestamptz not null,
  retired_at timestamptz
);

-- Failures per account and per source, for back-off and lock-out.
create table throttle (
  key        text primary key,
  failures   int not null,
  last_at    timestamptz not null,
  until      timestamptz
);
create index throttle_by_age on throttle (last_at);
