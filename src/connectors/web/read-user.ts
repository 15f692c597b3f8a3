import type { Access, CallOptions, InstagramUser, ReadResult } from '../connector.ts'
import { read, segment, type Web } from './exchange.ts'
import { objectOf } from './json.ts'
import { readInfo } from './look-up-user.ts'

/** A user by platform id, with the counts of the profile. */
export function readUser(
  web: Web,
  access: Access,
  { userId }: { userId: string },
  call: CallOptions,
): Promise<ReadResult<InstagramUser>> {
  return read(
    web,
    access,
    {
      request: { method: 'GET', path: `/api/v1/users/${segment(userId)}/info/` },
      missing: 'TARGET_NOT_FOUND',
      decode: (body) => readInfo(objectOf(body, 'user')),
    },
    call,
  )
}
