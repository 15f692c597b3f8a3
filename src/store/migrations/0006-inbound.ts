import type { Migration } from '../migrate.ts'

/** What accounts hear: when each source is read next and how far it was, the reads of the last hour, facts already told. */
export const inbound = {
  name: '0006-inbound',
  breaking: false,
  statements: [
    `create table inbound_sources (
      account_id text not null,
      source text not null,
      session_id text not null,
      since bigint not null,
      due_at bigint,
      interval_ms bigint not null,
      read_at bigint,
      heard_at bigint,
      answered_at bigint,
      suspect_at bigint,
      failures integer not null,
      state text,
      primary key (account_id, source)
    )`,

    `create table inbound_reads (
      account_id text not null,
      no bigint not null,
      at bigint not null,
      primary key (account_id, no)
    )`,

    `create table ingested (
      account_id text not null,
      kind text not null,
      external_id text not null,
      at bigint not null,
      primary key (account_id, kind, external_id)
    )`,

    'alter table conversations add column title text',
    'alter table conversations add column is_group integer not null default 0',
    'alter table conversations add column is_request integer not null default 0',
    'alter table conversations add column last_no bigint not null default 0',
    'alter table conversations add column known_at bigint',
    'alter table conversations add column known_item text',
    'alter table conversations add column gap_cursor text',
    'alter table conversations add column gap_at bigint',
    'alter table conversations add column gap_item text',
    'alter table conversations add column own_seen_at bigint not null default 0',
    'alter table conversations add column other_seen_at bigint not null default 0',
    'alter table conversations add column seen_item text',
    'create index conversations_gaps on conversations (account_id, id) where gap_cursor is not null',
    'create index conversations_unseen on conversations (account_id, id) where seen_item is not null',

    'alter table messages add column no bigint not null default 0',
    'alter table messages add column moved_no bigint',
    'alter table messages add column moved_from bigint',
    "alter table messages add column origin text not null default 'api'",
    'create index messages_moved on messages (user_id, conversation_id, moved_no) where moved_no is not null',
    // Everything that the statistics count is in the index; a message comes into it with its end.
    `create index messages_counted on messages (user_id, account_id, timestamp, direction, message_type, read_at)
      where status in ('succeeded', 'received') and hidden_at is null`,
    "create index actions_unconfirmed on actions (account_id, accepted_at) where status = 'unconfirmed'",
  ],
} satisfies Migration
