import { createHash } from 'node:crypto'
import { GatewayError } from '../core/errors.ts'
import type { Page, PageAnswer } from '../http/page.ts'
import type { SessionDeps } from './dependencies.ts'
import { openHandoff, useHandoff } from './hand-off.ts'
import type { Session } from './session.ts'
import { findSession } from './store.ts'
import type { ValidateSession, Verdict } from './validate-session.ts'

/** The owner's page: `GET` shows what Instagram asks, `POST` says that it is done. It needs no token but the link's. */
type HandoffDeps = Pick<SessionDeps, 'store' | 'clock' | 'vault'> & { validateSession: ValidateSession }

export function handoffPages(deps: HandoffDeps): Page[] {
  return [
    {
      operation: 'showHandoff',
      method: 'GET',
      path: '/handoff/:token',
      handler: ({ params }) => showHandoff(deps, params['token'] ?? ''),
    },
    {
      operation: 'finishHandoff',
      method: 'POST',
      path: '/handoff/:token',
      handler: ({ params }) => finishHandoff(deps, params['token'] ?? ''),
    },
  ]
}

async function showHandoff(deps: HandoffDeps, token: string): Promise<PageAnswer> {
  const opened = await openLive(deps, token)
  return 'session' in opened ? askPage(opened.session, null) : opened.page
}

async function finishHandoff(deps: HandoffDeps, token: string): Promise<PageAnswer> {
  const opened = await openLive(deps, token)
  if (!('session' in opened)) return opened.page
  const judged = await judge(deps, opened.session)
  if (judged.verdict !== 'logged_in') return askPage(judged.session, judged.sentence)
  await deps.store.write((tx) => useHandoff(tx, deps, token))
  return page(200, 'Connected', `<p>@${escaped(judged.session.username)} is connected. You can close this page.</p>`)
}

async function openLive(deps: HandoffDeps, token: string): Promise<{ session: Session } | { page: PageAnswer }> {
  const opened = await openHandoff(deps, token)
  if (opened.state !== 'open') return { page: page(opened.state === 'unknown' ? 404 : 410, 'Link', GONE[opened.state]) }
  const session = await findSession(deps.store.read, opened.sessionId)
  return session === null || session.endedAt !== null ? { page: page(410, 'Link', GONE.ended) } : { session }
}

const GONE = {
  unknown: '<p>This link is not valid.</p>',
  expired: '<p>This link has expired. Ask for a new one.</p>',
  used: '<p>This link was used already; the account is connected.</p>',
  ended: '<p>The connection that this link was for has ended.</p>',
}

const NOT_YET: Record<Exclude<Verdict, 'logged_in'>, string> = {
  challenge: 'Instagram still waits for your confirmation.',
  login_required:
    'Instagram does not see a login yet. If you have confirmed, whoever sent you this link has to log in once more.',
  other_account: 'Instagram says that this connection belongs to another account; it has to be logged in again.',
}

type Judged = { session: Session; verdict: Verdict; sentence: string | null }

async function judge(deps: HandoffDeps, session: Session): Promise<Judged> {
  try {
    const { session: after, verdict } = await deps.validateSession(session)
    return { session: after, verdict, sentence: verdict === 'logged_in' ? null : NOT_YET[verdict] }
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    // The catalogue's sentences are written for API users; here only that it did not work is of use.
    return { session, verdict: 'challenge', sentence: 'Instagram could not be asked just now. Try again in a minute.' }
  }
}

function askPage(session: Session, sentence: string | null): PageAnswer {
  const username = escaped(session.username)
  const link =
    session.challengeUrl === null
      ? '<p>Open the Instagram app and confirm there.</p>'
      : `<p><a class="button" href="${escaped(session.challengeUrl)}" target="_blank" rel="noopener noreferrer">Open Instagram</a></p>`
  return page(
    200,
    'Confirm your Instagram account',
    `${sentence === null ? '' : `<p class="notice" role="status">${escaped(sentence)}</p>`}
<p><strong>${escaped(session.userId)}</strong> asks to use the Instagram account <strong>@${username}</strong> through this gateway, and Instagram wants its owner to confirm.</p>
<ol><li>Only go on if you know who that is.</li><li>Do what Instagram asks; this page never asks for a password or a code.</li><li>Come back and say that it is done.</li></ol>
${link}
<form method="post"><button type="submit">I have confirmed</button></form>`,
  )
}

const STYLE = `body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem;color:#1d1d1f;background:#fff}
h1{font-size:1.4rem}.notice{padding:.6rem .8rem;border-left:4px solid #b45309;background:#fef3c7}
.button,button{display:inline-block;font:inherit;padding:.6rem 1.2rem;border-radius:.4rem;border:1px solid #1d4ed8;cursor:pointer;text-decoration:none}
.button{color:#1d4ed8;background:#fff}button{color:#fff;background:#1d4ed8}
:focus-visible{outline:3px solid #93c5fd;outline-offset:2px}
@media(prefers-color-scheme:dark){body{color:#eee;background:#16171a}.notice{color:#1d1d1f}.button{color:#93c5fd;background:#16171a;border-color:#93c5fd}}`
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')

/** Nothing but the page's own style and its own form: no script, no frame, nothing from elsewhere. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${STYLE_HASH}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

function page(status: number, title: string, body: string): PageAnswer {
  return {
    status,
    contentType: 'text/html; charset=utf-8',
    headers: { 'content-security-policy': POLICY, 'x-robots-tag': 'noindex' },
    body: `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><style>${STYLE}</style></head>
<body><main><h1>${title}</h1>
${body}
</main></body></html>
`,
  }
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] as string)
}
