-- What the migrations add up to, read from the catalogue of a migrated database by `npm run schema`.
-- To be read, not to be run.

-- Extensions

create extension pg_trgm;

-- Tables

create table application (
  id uuid not null,
  kind text not null,
  name text not null,
  name_key text collate "C" not null,
  group_id uuid not null,
  is_enabled boolean not null default true,
  version integer not null default 1,
  created_at timestamp with time zone not null,
  changed_at timestamp with time zone not null,
  constraint application_pkey PRIMARY KEY (id),
  constraint application_group_id_fkey FOREIGN KEY (group_id) REFERENCES org_group(id)
);

create table application_role (
  application_id uuid not null,
  role_id uuid not null,
  scope text not null,
  constraint application_role_pkey PRIMARY KEY (application_id, role_id),
  constraint application_role_application_id_fkey FOREIGN KEY (application_id) REFERENCES application(id) ON DELETE CASCADE,
  constraint application_role_scope CHECK ((scope = ANY (ARRAY['none'::text, 'self'::text, 'department'::text, 'division'::text, 'all'::text]))),
  constraint role_in_use FOREIGN KEY (role_id) REFERENCES role(id)
);

create table attribute_definition (
  name text not null,
  label text not null default ''::text,
  description text not null default ''::text,
  type text not null,
  required boolean not null default false,
  max_length integer,
  pattern text,
  choices text[] not null default '{}'::text[],
  "position" integer not null default 0,
  created_at timestamp with time zone not null,
  constraint attribute_definition_pkey PRIMARY KEY (name),
  constraint attribute_type CHECK ((type = ANY (ARRAY['text'::text, 'number'::text, 'boolean'::text, 'date'::text, 'choice'::text])))
);

create table audit_checkpoint (
  sequence bigint not null,
  hash bytea not null,
  at timestamp with time zone not null,
  kid text not null,
  signature bytea not null,
  constraint audit_checkpoint_pkey PRIMARY KEY (sequence)
);

create table audit_event (
  id bigint not null generated always as identity,
  txid xid8 not null default pg_current_xact_id(),
  at timestamp with time zone not null,
  ended_at timestamp with time zone not null,
  operation text collate "C" not null,
  outcome text collate "C" not null,
  refusal text,
  count integer not null default 1,
  actor_kind text not null,
  actor_id uuid,
  actor_name text collate "C" not null,
  target_kind text,
  target_id text,
  target_name text collate "C",
  way_in text not null,
  client_id text,
  session_id uuid,
  mechanism text,
  ip text collate "C",
  client_identifier text,
  request_id text,
  message text not null default ''::text,
  details jsonb not null default '{}'::jsonb,
  constraint audit_event_pkey PRIMARY KEY (id),
  constraint audit_outcome CHECK ((outcome = ANY (ARRAY['success'::text, 'refused'::text, 'failed'::text])))
);

create table audit_head (
  only_row boolean not null default true,
  sequence bigint not null,
  hash bytea not null,
  settled xid8 not null,
  event_id bigint not null default 0,
  restored_id bigint not null default 0,
  constraint audit_head_pkey PRIMARY KEY (only_row),
  constraint audit_head_only_row_check CHECK (only_row)
);

create table audit_key (
  kid text not null,
  public_jwk jsonb not null,
  sealed_private bytea not null,
  created_at timestamp with time zone not null,
  retired_at timestamp with time zone,
  constraint audit_key_pkey PRIMARY KEY (kid)
);

create table audit_seal (
  sequence bigint not null,
  event_id bigint not null,
  hash bytea not null,
  constraint audit_seal_pkey PRIMARY KEY (sequence),
  constraint audit_event_sealed_once UNIQUE (event_id)
);

create table authority (
  only_row boolean not null default true,
  epoch bigint not null,
  constraint authority_pkey PRIMARY KEY (only_row),
  constraint authority_only_row_check CHECK (only_row)
);

create table group_role (
  group_id uuid not null,
  role_id uuid not null,
  default_scope text,
  constraint group_role_pkey PRIMARY KEY (group_id, role_id),
  constraint group_role_group_id_fkey FOREIGN KEY (group_id) REFERENCES org_group(id) ON DELETE CASCADE,
  constraint group_role_scope CHECK ((default_scope = ANY (ARRAY['none'::text, 'self'::text, 'department'::text, 'division'::text, 'all'::text]))),
  constraint role_in_use FOREIGN KEY (role_id) REFERENCES role(id)
);

create table logon (
  id uuid not null,
  person_id uuid not null,
  client_id text not null,
  mechanism text not null,
  grant_type text not null,
  ip text,
  client_identifier text,
  at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint logon_pkey PRIMARY KEY (id)
);

create table master_key (
  id text not null,
  proof bytea not null,
  created_at timestamp with time zone not null,
  retired_at timestamp with time zone,
  constraint master_key_pkey PRIMARY KEY (id)
);

create table oidc_artifact (
  model text not null,
  id text not null,
  grant_id text,
  account_id uuid,
  uid text,
  user_code text,
  payload jsonb not null,
  consumed_at timestamp with time zone,
  expires_at timestamp with time zone,
  constraint oidc_artifact_pkey PRIMARY KEY (model, id)
);

create table org_group (
  id uuid not null,
  parent_id uuid,
  tenant_id uuid not null,
  ancestors uuid[] not null,
  name text not null,
  name_key text collate "C" not null,
  description text not null default ''::text,
  ou text not null default ''::text,
  is_tenant boolean not null default false,
  is_built_in boolean not null default false,
  roles_limited boolean not null default false,
  version integer not null default 1,
  created_at timestamp with time zone not null,
  changed_at timestamp with time zone not null,
  constraint org_group_pkey PRIMARY KEY (id),
  constraint group_has_no_parent_only_at_root CHECK (((parent_id IS NOT NULL) OR is_tenant)),
  constraint group_name_required CHECK ((name <> ''::text)),
  constraint org_group_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES org_group(id),
  constraint org_group_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES org_group(id)
);

create table person (
  id uuid not null,
  tenant_id uuid not null,
  group_id uuid not null,
  logon_name text not null,
  title text,
  first_name text,
  middle_name text,
  last_name text,
  employee_id text,
  date_of_birth date,
  cn text,
  dn text,
  domain text,
  ou text,
  sam_account_name text,
  sys_logon_name text,
  upn text,
  is_enabled boolean not null default true,
  disabled_reason text,
  user_data_approved_at timestamp with time zone,
  attributes jsonb not null default '{}'::jsonb,
  password_hash text,
  password_changed_at timestamp with time zone,
  version integer not null default 1,
  created_at timestamp with time zone not null,
  changed_at timestamp with time zone not null,
  sort_key text collate "C" not null,
  search_text text collate "C" not null,
  constraint person_pkey PRIMARY KEY (id),
  constraint person_group_id_fkey FOREIGN KEY (group_id) REFERENCES org_group(id),
  constraint person_name_required CHECK (((COALESCE(first_name, ''::text) <> ''::text) OR (COALESCE(last_name, ''::text) <> ''::text))),
  constraint person_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES org_group(id)
);

create table person_contact (
  person_id uuid not null,
  kind text not null,
  "position" integer not null,
  value text not null,
  value_key text collate "C" not null,
  label text not null default ''::text,
  is_verified boolean not null default false,
  constraint person_contact_pkey PRIMARY KEY (person_id, kind, "position"),
  constraint person_contact_kind CHECK ((kind = ANY (ARRAY['email'::text, 'phone'::text, 'mobile'::text, 'fax'::text]))),
  constraint person_contact_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id) ON DELETE CASCADE
);

create table person_external_id (
  tenant_id uuid not null,
  source text not null,
  value text not null,
  person_id uuid not null,
  constraint person_external_id_taken PRIMARY KEY (tenant_id, source, value),
  constraint person_external_id_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id) ON DELETE CASCADE,
  constraint person_external_id_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES org_group(id)
);

create table person_image (
  person_id uuid not null,
  field text not null,
  media_type text not null,
  bytes bytea not null,
  changed_at timestamp with time zone not null,
  constraint person_image_pkey PRIMARY KEY (person_id, field),
  constraint person_image_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id) ON DELETE CASCADE
);

create table person_name (
  tenant_id uuid not null,
  name text collate "C" not null,
  person_id uuid not null,
  kind text not null,
  "position" integer not null default 0,
  constraint person_name_taken PRIMARY KEY (tenant_id, name),
  constraint person_name_kind CHECK ((kind = ANY (ARRAY['logon'::text, 'alias'::text]))),
  constraint person_name_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id) ON DELETE CASCADE,
  constraint person_name_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES org_group(id)
);

create table person_role (
  person_id uuid not null,
  role_id uuid not null,
  scope text not null,
  constraint person_role_pkey PRIMARY KEY (person_id, role_id),
  constraint person_role_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id) ON DELETE CASCADE,
  constraint person_role_scope CHECK ((scope = ANY (ARRAY['none'::text, 'self'::text, 'department'::text, 'division'::text, 'all'::text]))),
  constraint role_in_use FOREIGN KEY (role_id) REFERENCES role(id)
);

create table person_word (
  word text collate "C" not null,
  person_id uuid not null,
  group_id uuid not null,
  shared integer not null,
  constraint person_word_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id) ON DELETE CASCADE
);

create table report_page (
  reading_id text not null,
  generation integer not null,
  page bigint not null,
  key jsonb,
  constraint report_page_pkey PRIMARY KEY (reading_id, generation, page),
  constraint report_page_reading_id_fkey FOREIGN KEY (reading_id) REFERENCES report_reading(id) ON DELETE CASCADE
);

create table report_reading (
  id text not null,
  family text not null,
  generation integer not null,
  snapshot text not null,
  started_at timestamp with time zone not null,
  read_at timestamp with time zone not null,
  constraint report_reading_pkey PRIMARY KEY (id)
);

create table revoked (
  id text not null,
  until timestamp with time zone not null,
  constraint revoked_pkey PRIMARY KEY (id)
);

create table role (
  id uuid not null,
  name text not null,
  name_key text collate "C" not null,
  description text not null default ''::text,
  operations text[] not null,
  mechanisms text[] not null,
  is_built_in boolean not null default false,
  version integer not null default 1,
  created_at timestamp with time zone not null,
  changed_at timestamp with time zone not null,
  constraint role_pkey PRIMARY KEY (id),
  constraint role_name_required CHECK ((name <> ''::text))
);

create table schema_migration (
  number integer not null,
  name text not null,
  checksum text not null,
  applied_at timestamp with time zone not null default now(),
  constraint schema_migration_pkey PRIMARY KEY (number)
);

create table setting (
  name text not null,
  value text not null,
  changed_by text not null,
  changed_at timestamp with time zone not null,
  constraint setting_pkey PRIMARY KEY (name)
);

create table signing_key (
  kid text not null,
  alg text not null,
  public_jwk jsonb not null,
  sealed_private bytea not null,
  created_at timestamp with time zone not null,
  signs_from timestamp with time zone not null,
  signs_until timestamp with time zone not null,
  published_until timestamp with time zone not null,
  constraint signing_key_pkey PRIMARY KEY (kid)
);

create table throttle (
  key text not null,
  failures integer not null,
  last_at timestamp with time zone not null,
  until timestamp with time zone,
  constraint throttle_pkey PRIMARY KEY (key)
);

-- Indexes

CREATE INDEX application_by_group ON public.application USING btree (group_id);

CREATE UNIQUE INDEX application_name_taken ON public.application USING btree (kind, name_key);

CREATE UNIQUE INDEX attribute_name_taken ON public.attribute_definition USING btree (lower(name));

CREATE INDEX audit_event_by_actor ON public.audit_event USING btree (actor_id, at, id) WHERE (actor_id IS NOT NULL);

CREATE INDEX audit_event_by_actor_name ON public.audit_event USING btree (actor_name, at, id);

CREATE INDEX audit_event_by_end ON public.audit_event USING btree (ended_at, at, id);

CREATE INDEX audit_event_by_ip ON public.audit_event USING btree (COALESCE(ip, ''::text), at, id);

CREATE INDEX audit_event_by_operation ON public.audit_event USING btree (operation, at, id);

CREATE INDEX audit_event_by_outcome ON public.audit_event USING btree (outcome, at, id);

CREATE INDEX audit_event_by_target ON public.audit_event USING btree (target_id, at, id) WHERE (target_id IS NOT NULL);

CREATE INDEX audit_event_by_target_name ON public.audit_event USING btree (COALESCE(target_name, ''::text), at, id);

CREATE INDEX audit_event_by_time ON public.audit_event USING btree (at, id);

CREATE INDEX audit_event_by_txid ON public.audit_event USING btree (txid, id);

CREATE UNIQUE INDEX audit_key_in_use ON public.audit_key USING btree ((true)) WHERE (retired_at IS NULL);

CREATE INDEX group_by_ancestor ON public.org_group USING gin (ancestors);

CREATE INDEX group_by_name ON public.org_group USING btree (name_key, id);

CREATE INDEX group_by_tenant ON public.org_group USING btree (tenant_id);

CREATE UNIQUE INDEX group_name_taken ON public.org_group USING btree (parent_id, name_key);

CREATE UNIQUE INDEX group_root ON public.org_group USING btree (((parent_id IS NULL))) WHERE (parent_id IS NULL);

CREATE INDEX logon_by_expiry ON public.logon USING btree (expires_at);

CREATE INDEX logon_by_person ON public.logon USING btree (person_id, at);

CREATE INDEX oidc_artifact_by_account ON public.oidc_artifact USING btree (account_id) WHERE (account_id IS NOT NULL);

CREATE INDEX oidc_artifact_by_expiry ON public.oidc_artifact USING btree (expires_at) WHERE (expires_at IS NOT NULL);

CREATE INDEX oidc_artifact_by_grant ON public.oidc_artifact USING btree (grant_id) WHERE (grant_id IS NOT NULL);

CREATE INDEX oidc_artifact_by_uid ON public.oidc_artifact USING btree (model, uid) WHERE (uid IS NOT NULL);

CREATE INDEX oidc_artifact_by_user_code ON public.oidc_artifact USING btree (model, user_code) WHERE (user_code IS NOT NULL);

CREATE INDEX person_by_tenant ON public.person USING btree (tenant_id);

CREATE INDEX person_by_text ON public.person USING gin (search_text gin_trgm_ops);

CREATE INDEX person_contact_by_value ON public.person_contact USING btree (value_key) WHERE (kind = 'email'::text);

CREATE INDEX person_external_id_by_person ON public.person_external_id USING btree (person_id);

CREATE INDEX person_in_order ON public.person USING btree (sort_key, id) INCLUDE (group_id, search_text);

CREATE INDEX person_in_order_by_group ON public.person USING btree (group_id, sort_key, id) INCLUDE (search_text);

CREATE INDEX person_name_by_person ON public.person_name USING btree (person_id);

CREATE UNIQUE INDEX person_one_logon_name ON public.person_name USING btree (person_id) WHERE (kind = 'logon'::text);

CREATE INDEX person_role_by_role ON public.person_role USING btree (role_id, scope);

CREATE UNIQUE INDEX person_word_by_person ON public.person_word USING btree (person_id, word);

CREATE UNIQUE INDEX person_word_in_order ON public.person_word USING btree (word, person_id) INCLUDE (group_id, shared);

CREATE UNIQUE INDEX person_word_in_order_by_group ON public.person_word USING btree (group_id, word, person_id) INCLUDE (shared);

CREATE INDEX report_reading_by_age ON public.report_reading USING btree (read_at);

CREATE INDEX report_reading_by_family ON public.report_reading USING btree (family, started_at);

CREATE INDEX revoked_by_expiry ON public.revoked USING btree (until);

CREATE UNIQUE INDEX role_name_taken ON public.role USING btree (name_key);

CREATE INDEX throttle_by_age ON public.throttle USING btree (last_at);

-- Functions

CREATE OR REPLACE FUNCTION public.audit_is_append_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'audit events are append-only' using errcode = 'insufficient_privilege';
end $function$
;

-- Triggers

CREATE TRIGGER audit_checkpoint_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_checkpoint FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

CREATE TRIGGER audit_event_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_event FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

CREATE TRIGGER audit_seal_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_seal FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
