import type { Migration } from '../migrate.ts'

/** SQLite builds a table of an `in` list with every insert and update, which doubled the cost of writing an action. */
function oneOf(column: string, values: readonly string[]): string {
  return `check (${values.map((value) => `${column} = '${value}'`).join(' or ')})`
}

const STATUSES = ['queued', 'running', 'succeeded', 'failed', 'unconfirmed', 'canceled', 'expired', 'skipped']
const STEPS = ['attempt', 'readback', 'resend']
const BATCH_STATUSES = ['running', 'accepting', 'paused', 'completed', 'canceled']

/** In their order in the tables, which the copy relies on. */
const ACTION_COLUMNS = [
  'id text primary key',
  'user_id text not null',
  'session_id text not null',
  'account_id text not null',
  'kind text not null',
  'class integer not null',
  `status text not null ${oneOf('status', STATUSES)}`,
  `step text ${oneOf('step', STEPS)}`,
  'due_at bigint not null',
  'ord bigint not null',
  'target text not null',
  'payload text not null',
  'resolved text',
  'client_token text not null',
  'on_limit text not null',
  'send_at bigint',
  'expires_at bigint',
  'attempts integer not null',
  'resends integer not null',
  'failures integer not null',
  'call_deadline_wall bigint',
  'external_id text',
  'code text',
  'reason text',
  'waiting_for text',
  'batch_id text',
  'accepted_at bigint not null',
  'accepted_by text not null',
  'settled_at bigint',
]

const BATCH_COLUMNS = [
  'id text primary key',
  'user_id text not null',
  'session_id text not null',
  'account_id text not null',
  'kind text not null',
  'class integer not null',
  `status text not null ${oneOf('status', BATCH_STATUSES)}`,
  'payload text not null',
  'gap_ms bigint not null',
  'next_at bigint not null',
  'total integer not null',
  'duplicates integer not null',
  ...STATUSES.map((status) => `${status} integer not null`),
  'accept_by_wall bigint',
  'accepted_by text not null',
  'created_at bigint not null',
  'settled_at bigint',
]

/** SQLite cannot change the check of a column; a new table in place of the old one is the way on both engines. */
function rebuild(table: string, columns: readonly string[]): string[] {
  const names = columns.map((column) => column.slice(0, column.indexOf(' '))).join(', ')
  return [
    `create table ${table}_rebuilt (${columns.join(', ')})`,
    `insert into ${table}_rebuilt (${names}) select ${names} from ${table}`,
    `drop table ${table}`,
    `alter table ${table}_rebuilt rename to ${table}`,
  ]
}

/** What every accepted message and every turn passes through, cheaper to write. */
export const hotPaths = {
  name: '0005-hot-paths',
  breaking: false,
  statements: [
    ...rebuild('actions', ACTION_COLUMNS),
    "create index actions_queued on actions (account_id, kind, class, due_at, ord) where status = 'queued' and batch_id is null",
    "create index actions_running on actions (account_id, due_at) where status = 'running'",
    "create index actions_expiring on actions (account_id, expires_at) where status = 'queued' and expires_at is not null",
    "create index actions_rejecting on actions (account_id) where status = 'queued' and on_limit = 'reject'",
    'create index actions_session on actions (session_id, accepted_at, id)',
    "create index actions_batch_queued on actions (batch_id, due_at, ord) where status = 'queued' and batch_id is not null",
    'create index actions_batch on actions (batch_id, ord) where batch_id is not null',
    'create index actions_settled on actions (settled_at, id) where settled_at is not null',

    ...rebuild('batches', BATCH_COLUMNS),
    "create index batches_running on batches (account_id, next_at, id) where status = 'running'",
    "create index batches_unfinished on batches (account_id, id) where status in ('running', 'paused')",
    "create index batches_ending on batches (account_id, id) where status = 'canceled' and queued > 0",
    "create index batches_accepting on batches (accept_by_wall) where status = 'accepting'",
    'create index batches_session on batches (session_id, created_at, id)',
  ],
} satisfies Migration
