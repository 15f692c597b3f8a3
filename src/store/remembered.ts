import { connectionOf } from './connection.ts'
import type { Place } from './row-memory.ts'
import type { Db } from './store.ts'

/**
 * A look-up that is remembered where the store can tell that what it was made of has not changed. `place` names the row,
 * and everything of the input that the value depends on. Callers share the value, and must not change it.
 */
export function remembered<Input, Value extends object | null>(
  place: (input: Input) => Place,
  read: (db: Db, input: Input) => Promise<Value>,
): (db: Db, input: Input) => Promise<Value> {
  return async (db, input) => {
    const { memory } = connectionOf(db)
    if (memory === null) return read(db, input)
    const at = place(input)
    // Kept by this very function: the values of a table have one reader.
    const known = memory.find(at) as Value | undefined
    if (known !== undefined) return known
    const { version } = memory
    const value = await read(db, input)
    if (value !== null) memory.keep(at, { value, version })
    return value
  }
}
