import { type Route, route } from '../http/route.ts'
import type { KeyRotation } from './rotate-keys.ts'
import { RotationAnswer } from './schemas.ts'

/** `POST /admin/rotate-keys`; the command of the same name comes through here while the gateway runs. */
export function keyRoutes(deps: { rotateKeys(input: { actor: string }): Promise<KeyRotation> }): Route[] {
  return [
    route({
      operation: 'rotateKeys',
      method: 'POST',
      path: '/admin/rotate-keys',
      summary: 'Re-wrap every stored secret with a new encryption key',
      tag: 'Admin',
      scope: 'admin',
      answers: { 200: RotationAnswer },
      errors: [],
      handler: async ({ principal }) => {
        const rotation = await deps.rotateKeys({ actor: principal.userId })
        return { status: 200, data: rotation, message: `Re-wrapped ${rotation.rewrapped} values` }
      },
    }),
  ]
}
