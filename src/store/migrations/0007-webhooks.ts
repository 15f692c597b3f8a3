import type { Migration } from '../migrate.ts'

/** Endpoints, each with its place in its user's event log, and the deliveries that were taken from it. */
export const webhooks = {
  name: '0007-webhooks',
  breaking: false,
  statements: [
    `create table webhooks (
      id text primary key,
      user_id text not null,
      url text not null,
      description text,
      types text,
      session_ids text,
      secrets text,
      status text not null check (status in ('active', 'disabled', 'deleted')),
      status_reason text,
      status_at bigint not null,
      taken_to bigint not null,
      replay text,
      failures integer not null,
      failing_since bigint,
      warned_at bigint,
      paused_until bigint,
      due_at bigint,
      owner text,
      lease_until_wall bigint,
      fence bigint not null,
      created_at bigint not null
    )`,
    "create index webhooks_user on webhooks (user_id, created_at, id) where status <> 'deleted'",
    "create index webhooks_due on webhooks (due_at) where due_at is not null and status = 'active'",
    "create index webhooks_deleted on webhooks (status_at) where status = 'deleted'",

    `create table webhook_deliveries (
      endpoint_id text not null,
      sequence bigint not null,
      event_id text not null,
      type text not null,
      status text not null check (status in ('pending', 'succeeded', 'failed')),
      reason text,
      round integer not null,
      tries integer not null,
      due_at bigint not null,
      attempts text not null,
      created_at bigint not null,
      settled_at bigint,
      primary key (endpoint_id, sequence)
    )`,
    "create index webhook_deliveries_due on webhook_deliveries (endpoint_id, due_at, sequence) where status = 'pending'",
    "create index webhook_deliveries_open on webhook_deliveries (endpoint_id, sequence) where status <> 'succeeded'",
  ],
} satisfies Migration
