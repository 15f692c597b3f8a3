import type { Migration } from '../migrate.ts'
import { foundation } from './0001-foundation.ts'
import { bulk } from './0002-bulk.ts'
import { operating } from './0003-operating.ts'
import { monitor } from './0004-monitor.ts'

/** The schema's history, in order. */
export const MIGRATIONS: readonly Migration[] = [foundation, bulk, operating, monitor]
