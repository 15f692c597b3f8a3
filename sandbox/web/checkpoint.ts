import { approveCheckpoint } from '../acts/sessions.ts'
import type { Call } from '../call.ts'
import { type Answer, html, json } from '../exchange.ts'
import type { Route } from '../router.ts'
import type { Checkpoint } from '../world/records.ts'
import { pageText } from './pages.ts'

/**
 * The page to which a checkpoint sends the account's owner. Its token names the jar that met the checkpoint, so it may
 * be opened in any browser; approving lets only that jar pass. Clients of the JSON challenge ask with `?__a=1`.
 */
export function checkpointRoutes(): Route[] {
  const route = { kind: 'checkpoint', access: 'anyone' } as const
  return [
    { ...route, method: 'GET', path: 'challenge/:pk/:token', run: show },
    { ...route, method: 'POST', path: 'challenge/:pk/:token', run: approve },
  ]
}

function show(call: Call): Answer {
  const checkpoint = checkpointOf(call)
  if (checkpoint === null) return html(pageText('none', '<p>This page is no longer available.</p>'), 404)
  if (call.query.get('__a') === '1') return json(challengeForm(call, checkpoint))
  return html(pageText('none', checkpoint.approvedAt === null ? question(call, checkpoint) : APPROVED))
}

function approve(call: Call): Answer {
  const checkpoint = checkpointOf(call)
  if (checkpoint === null) return html(pageText('none', '<p>This page is no longer available.</p>'), 404)
  if (call.form.has('choice') && !call.form.has('approve')) return json(codeForm(call))
  approveCheckpoint(call.world, checkpoint, call.now)
  if (call.query.get('__a') === '1' || call.form.has('security_code')) {
    return json({ location: 'https://www.instagram.com/', type: 'CHALLENGE_REDIRECTION', status: 'ok' })
  }
  return html(pageText('none', APPROVED))
}

function checkpointOf(call: Call): Checkpoint | null {
  const found = call.world.checkpoints.get(call.param(1))
  return found !== undefined && found.userPk === call.param(0) ? found : null
}

/** Asks for a code by mail, which in a sandbox is any. */
function challengeForm(call: Call, checkpoint: Checkpoint): Record<string, unknown> {
  if (checkpoint.approvedAt !== null) {
    return { location: 'https://www.instagram.com/', type: 'CHALLENGE_REDIRECTION', status: 'ok' }
  }
  return {
    challengeType: 'SelectVerificationMethodForm',
    fields: { choice: '1', email: 'n***p@e***.test' },
    navigation: { forward: call.path, replay: call.path, dismiss: '/' },
    type: 'CHALLENGE',
    status: 'ok',
  }
}

function codeForm(call: Call): Record<string, unknown> {
  return {
    challengeType: 'VerifyEmailCodeForm',
    fields: { security_code: 'None' },
    navigation: { forward: call.path, replay: call.path, dismiss: '/' },
    type: 'CHALLENGE',
    status: 'ok',
  }
}

function question(call: Call, checkpoint: Checkpoint): string {
  const { username } = call.world.userOrThrow(checkpoint.userPk)
  return `<h1>Was this you?</h1>
<p>Somebody tried to log in as <strong>${username}</strong> from a new device.</p>
<form method="post" action="${call.path}"><input type="hidden" name="approve" value="1"><button type="submit">It was me</button></form>`
}

const APPROVED = '<h1>Thank you</h1><p>You can go back and log in again from that device.</p>'
