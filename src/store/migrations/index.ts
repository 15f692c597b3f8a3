import type { Migration } from '../migrate.ts'
import { foundation } from './0001-foundation.ts'
import { bulk } from './0002-bulk.ts'
import { operating } from './0003-operating.ts'
import { monitor } from './0004-monitor.ts'
import { hotPaths } from './0005-hot-paths.ts'
import { inbound } from './0006-inbound.ts'
import { webhooks } from './0007-webhooks.ts'
import { automation } from './0008-automation.ts'
import { tickets } from './0009-tickets.ts'
import { activity } from './0013-activity.ts'
import { errors } from './0014-errors.ts'

/** The schema's history, in order. */
export const MIGRATIONS: readonly Migration[] = [
  foundation,
  bulk,
  operating,
  monitor,
  hotPaths,
  inbound,
  webhooks,
  automation,
  tickets,
  activity,
  errors,
]
