import type { Migration } from '../migrate.ts'

const COUNTS = ['queued', 'running', 'succeeded', 'failed', 'unconfirmed', 'canceled', 'expired', 'skipped']

/** Bulks: many actions accepted as one, with a pace of their own. */
export const bulk = {
  name: '0002-bulk',
  breaking: false,
  statements: [
    `create table batches (
      id text primary key,
      user_id text not null,
      session_id text not null,
      account_id text not null,
      kind text not null,
      class integer not null,
      status text not null check (status in ('accepting', 'running', 'paused', 'completed', 'canceled')),
      payload text not null,
      gap_ms bigint not null,
      next_at bigint not null,
      total integer not null,
      duplicates integer not null,
      ${COUNTS.map((status) => `${status} integer not null`).join(',\n      ')},
      accept_by_wall bigint,
      accepted_by text not null,
      created_at bigint not null,
      settled_at bigint
    )`,
    "create index batches_running on batches (account_id, next_at, id) where status = 'running'",
    "create index batches_unfinished on batches (account_id, id) where status in ('running', 'paused')",
    // What a canceled bulk still has to cancel; its lane finds it here after a crash.
    "create index batches_ending on batches (account_id, id) where status = 'canceled' and queued > 0",
    "create index batches_accepting on batches (accept_by_wall) where status = 'accepting'",
    'create index batches_session on batches (session_id, created_at, id)',

    "create index actions_batch_queued on actions (batch_id, due_at, ord) where status = 'queued' and batch_id is not null",
    'create index actions_batch on actions (batch_id, ord) where batch_id is not null',
  ],
} satisfies Migration
