create table role (
  id          uuid primary key,
  name        text not null constraint role_name_required check (name <> ''),
  name_key    text collate "C" not null,                 -- the name as names are compared: core/fold.ts
  description text not null default '',
  operations  text[] not null,
  mechanisms  text[] not null,
  is_built_in boolean not null default false,
  version     int not null default 1,
  created_at  timestamptz not null,
  changed_at  timestamptz not null
);
create unique index role_name_taken on role (name_key);

create table person_role (
  person_id uuid not null references person on delete cascade,
  role_id   uuid not null constraint role_in_use references role,
  scope     text not null constraint person_role_scope check (scope in ('none', 'self', 'department', 'division', 'all')),
  primary key (person_id, role_id)
);
create index person_role_by_role on person_role (role_id, scope);

-- The roles a group offers: allowed to members where roles_limited, given to new ones where default_scope is set.
create table group_role (
  group_id      uuid not null references org_group on delete cascade,
  role_id       uuid not null constraint role_in_use references role,
  default_scope text constraint group_role_scope check (default_scope in ('none', 'self', 'department', 'division', 'all')),
  primary key (group_id, role_id)
);

-- A program that calls, as an actor of its own.
create table application (
  id          uuid primary key,
  kind        text not null,
  name        text not null,
  name_key    text collate "C" not null,
  group_id    uuid not null references org_group,
  is_enabled  boolean not null default true,
  version     int not null default 1,
  created_at  timestamptz not null,
  changed_at  timestamptz not null
);
create unique index application_name_taken on application (kind, name_key);
create index application_by_group on application (group_id);

create table application_role (
  application_id uuid not null references application on delete cascade,
  role_id        uuid not null constraint role_in_use references role,
  scope          text not null constraint application_role_scope check (scope in ('none', 'self', 'department', 'division', 'all')),
  primary key (application_id, role_id)
);

-- Only what differs from the default; the catalogue of settings is code.
create table setting (
  name       text primary key,
  value      text not null,
  changed_by text not null,
  changed_at timestamptz not null
);
