import type { Person } from '../connector.ts'
import { idOf, type JsonObject, textOf } from './json.ts'

/** The short user object of lists. Throws `Undecodable`. */
export function readPerson(user: JsonObject): Person {
  return { platformId: idOf(user, 'pk', 'pk_id', 'id'), username: textOf(user, 'username') }
}
