import type { Migration } from '../migrate.ts'
import { foundation } from './0001-foundation.ts'

/** The schema's history, in order. */
export const MIGRATIONS: readonly Migration[] = [foundation]
