import type { Migration } from '../migrate.ts'

/** What stands in for a token when a browser opens a stream. */
export const tickets = {
  name: '0009-tickets',
  breaking: false,
  statements: [
    'create table stream_tickets (hash text primary key, principal text not null, expires_at bigint not null)',
    'create index stream_tickets_expiry on stream_tickets (expires_at)',
  ],
} satisfies Migration
