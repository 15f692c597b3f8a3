import type { Migration } from '../migrate.ts'

/** Who follows an account, as the lists and the feed have shown it. */
export const activity = {
  name: '0013-activity',
  breaking: false,
  statements: [
    `create table followers (
      account_id text not null,
      platform_id text not null,
      username text,
      state text not null check (state in ('following', 'left', 'gone')),
      episode integer not null,
      followed_at bigint not null,
      heard_from text not null check (heard_from in ('baseline', 'list', 'feed')),
      walk_no integer not null,
      primary key (account_id, platform_id)
    )`,
    // Finds whom the last walk did not show, and counts who follows.
    `create index followers_following on followers (account_id, walk_no) where state = 'following'`,
  ],
} satisfies Migration
