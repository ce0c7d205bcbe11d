create extension if not exists pg_trgm;

-- One row: raised by every change that can alter what anybody may do (roles, settings, group tree), so that a
-- process can tell with one read whether what it remembers of an actor still holds.
create table authority (
  only_row boolean primary key default true check (only_row),
  epoch    bigint not null
);
insert into authority (epoch) values (1);

-- Groups form a tree under Root. A group marked as tenant is where logon names are unique.
create table org_group (
  id             uuid primary key,
  parent_id      uuid references org_group constraint group_has_no_parent_only_at_root check (parent_id is not null or is_tenant),
  tenant_id      uuid not null references org_group,
  ancestors      uuid[] not null,                        -- from Root down to the group itself
  name           text not null constraint group_name_required check (name <> ''),
  name_key       text collate "C" not null,              -- the name as names are compared: core/fold.ts
  description    text not null default '',
  ou             text not null default '',
  is_tenant      boolean not null default false,
  is_built_in    boolean not null default false,
  roles_limited  boolean not null default false,         -- members may only have the roles in group_role
  version        int not null default 1,
  created_at     timestamptz not null,
  changed_at     timestamptz not null
);
create unique index group_name_taken on org_group (parent_id, name_key);
create unique index group_root on org_group ((parent_id is null)) where parent_id is null;
create index group_by_name on org_group (name_key, id);
create index group_by_ancestor on org_group using gin (ancestors);
create index group_by_tenant on org_group (tenant_id);

create table person (
  id               uuid primary key,
  tenant_id        uuid not null references org_group,
  group_id         uuid not null references org_group,
  logon_name       text not null,
  title            text,
  first_name       text,
  middle_name      text,
  last_name        text,
  employee_id      text,
  date_of_birth    date,
  cn               text,
  dn               text,
  domain           text,
  ou               text,
  sam_account_name text,
  sys_logon_name   text,
  upn              text,
  is_enabled       boolean not null default true,
  disabled_reason  text,
  user_data_approved_at timestamptz,
  attributes       jsonb not null default '{}',          -- custom attributes, by attribute_definition.name
  password_hash    text,
  password_changed_at timestamptz,
  version          int not null default 1,
  created_at       timestamptz not null,
  changed_at       timestamptz not null,
  sort_key         text collate "C" not null,            -- these two as people/search-text.ts makes them
  search_text      text collate "C" not null,
  constraint person_name_required check (coalesce(first_name, '') <> '' or coalesce(last_name, '') <> '')
);
create index person_in_order on person (sort_key, id) include (group_id, search_text);
create index person_in_order_by_group on person (group_id, sort_key, id) include (search_text);
create index person_by_text on person using gin (search_text gin_trgm_ops);
create index person_by_tenant on person (tenant_id);

-- Logon names and aliases share one space, lower-cased (NFC) by the application, per tenant.
create table person_name (
  tenant_id uuid not null references org_group,
  name      text collate "C" not null,
  person_id uuid not null references person on delete cascade,
  kind      text not null constraint person_name_kind check (kind in ('logon', 'alias')),
  position  int not null default 0,
  constraint person_name_taken primary key (tenant_id, name)
);
create index person_name_by_person on person_name (person_id);
create unique index person_one_logon_name on person_name (person_id) where kind = 'logon';

create table person_contact (
  person_id  uuid not null references person on delete cascade,
  kind       text not null constraint person_contact_kind check (kind in ('email', 'phone', 'mobile', 'fax')),
  position   int not null,                                -- 0 is the main one
  value      text not null,
  value_key  text collate "C" not null,                   -- the value as names are compared
  label      text not null default '',
  is_verified boolean not null default false,
  primary key (person_id, kind, position)
);
create index person_contact_by_value on person_contact (value_key) where kind = 'email';

create table person_external_id (
  tenant_id uuid not null references org_group,
  source    text not null,
  value     text not null,
  person_id uuid not null references person on delete cascade,
  constraint person_external_id_taken primary key (tenant_id, source, value)
);
create index person_external_id_by_person on person_external_id (person_id);

create table person_image (
  person_id  uuid not null references person on delete cascade,
  field      text not null,
  media_type text not null,
  bytes      bytea not null,
  changed_at timestamptz not null,
  primary key (person_id, field)
);

create table attribute_definition (
  name        text primary key,
  label       text not null default '',
  description text not null default '',
  type        text not null constraint attribute_type check (type in ('text', 'number', 'boolean', 'date', 'choice')),
  required    boolean not null default false,
  max_length  int,
  pattern     text,
  choices     text[] not null default '{}',
  position    int not null default 0,
  created_at  timestamptz not null
);
create unique index attribute_name_taken on attribute_definition (lower(name));

-- The words people are searched by, each with the group of its person, so that one index answers a search in scope.
-- Written with the person, by people/store.ts.
create table person_word (
  word      text collate "C" not null,
  person_id uuid not null references person on delete cascade,
  group_id  uuid not null,
  shared    int not null                                  -- characters in common with the word before of the same person
);
create unique index person_word_in_order on person_word (word, person_id) include (group_id, shared);
create unique index person_word_in_order_by_group on person_word (group_id, word, person_id) include (shared);
create unique index person_word_by_person on person_word (person_id, word);
