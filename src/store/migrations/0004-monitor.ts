import type { Migration } from '../migrate.ts'

/** What has ended lately, for the monitor of invariants. */
export const monitor = {
  name: '0004-monitor',
  breaking: false,
  statements: ['create index actions_settled on actions (settled_at, id) where settled_at is not null'],
} satisfies Migration
