create table written (
  id         bigint generated always as identity primary key,
  line       text not null unique,
  bulk       text
);
