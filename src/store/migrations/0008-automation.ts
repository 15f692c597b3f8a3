import type { Migration } from '../migrate.ts'

/** Who must not be written to, who sent to them all the same, and what acts by itself on what happens. */
export const automation = {
  name: '0008-automation',
  breaking: false,
  statements: [
    'alter table actions add column override_by text',
    'alter table actions add column caused_by text',
    `create table suppressions (
      id text primary key,
      user_id text not null,
      scope text not null,
      session_id text,
      platform_id text,
      username text,
      reason text not null check (reason = 'manual' or reason = 'stop'),
      event_id text,
      created_by text not null,
      created_at bigint not null,
      lifted_by text,
      lifted_at bigint,
      check (platform_id is not null or username is not null)
    )`,
    'create unique index suppressions_person on suppressions (user_id, platform_id, scope) where lifted_at is null and platform_id is not null',
    'create unique index suppressions_name_only on suppressions (user_id, username, scope) where lifted_at is null and platform_id is null',
    'create index suppressions_name on suppressions (user_id, username) where lifted_at is null',
    'create index suppressions_recent on suppressions (user_id, created_at, id) where lifted_at is null',
    // What was lifted stays: whoever asks later whether a message was allowed needs to know what held at that moment.
    'create index suppressions_ever on suppressions (user_id, platform_id)',
    'create index suppressions_ever_name on suppressions (user_id, username)',

    `create table rules (
      id text primary key,
      user_id text not null,
      account_id text not null,
      session_id text not null,
      preset text,
      name text,
      event_type text not null,
      conditions text not null,
      action text not null,
      window_ms bigint not null,
      age_ms_max bigint not null,
      enabled integer not null,
      active_after bigint not null,
      created_at bigint not null
    )`,
    'create index rules_account on rules (user_id, account_id, created_at, id)',
    'create unique index rules_preset on rules (user_id, account_id, preset) where preset is not null',
    `create table decisions (
      rule_id text not null,
      event_id text not null,
      user_id text not null,
      account_id text not null,
      sequence bigint not null,
      at bigint not null,
      decided_at bigint not null,
      contact_id text,
      contact_username text,
      outcome text not null check (outcome = 'fired' or outcome = 'skipped'),
      reason text not null,
      act text not null,
      action_id text,
      primary key (rule_id, event_id)
    )`,
    'create index decisions_recent on decisions (rule_id, sequence)',
    "create index decisions_fired on decisions (account_id, contact_id, sequence) where outcome = 'fired'",
    'create index decisions_age on decisions (decided_at)',
    'create table automation_cursors (user_id text primary key, sequence bigint not null)',
  ],
} satisfies Migration
