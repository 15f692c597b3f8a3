import type { Person } from '../connector.ts'
import { idOf, type JsonObject, optionalText, textOf } from './json.ts'

/** The short user object of lists. Throws `Undecodable`. */
export function readPerson(user: JsonObject): Person {
  return {
    platformId: idOf(user, 'pk', 'pk_id', 'id'),
    username: textOf(user, 'username'),
    fullName: readFullName(user),
  }
}

export function readFullName(user: JsonObject): string | null {
  return optionalText(user, 'full_name') || null
}
