import type { Migration } from '../migrate.ts'

/** How often requests and actions failed, by day. */
export const errors = {
  name: '0014-errors',
  breaking: false,
  statements: [
    `create table error_counts (
      day bigint not null,
      code text not null,
      source text not null,
      name text not null,
      count bigint not null,
      first_at bigint not null,
      last_at bigint not null,
      primary key (day, code, source, name)
    )`,
    'create table errors_counted (id integer primary key check (id = 1), until bigint not null)',
    'insert into errors_counted (id, until) values (1, 0)',
  ],
} satisfies Migration
