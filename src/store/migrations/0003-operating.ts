import type { Migration } from '../migrate.ts'

/** What an operator stopped, accounts by their names, and messages on their way back. */
export const operating = {
  name: '0003-operating',
  breaking: false,
  statements: [
    `create table switches (
      scope text primary key,
      since bigint not null,
      actor text not null,
      reason text
    )`,
    'create index accounts_username on accounts (username)',
    'alter table messages add column unsend_action_id text',
  ],
} satisfies Migration
