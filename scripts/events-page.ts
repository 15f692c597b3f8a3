import { EVENT_CATALOGUE, type EventType } from '../src/events/event.ts'

/** What an event of a type carries in `data`: an entry for each type, or this does not compile. */
const DATA: Record<EventType, string> = {
  'message.received': 'the message as `GET /message/{id}` shows it',
  'story_reply.received': 'the message as `GET /message/{id}` shows it, `mediaId` of the story',
  'comment.received': '`from`, `occurredAt`, `mediaId`, `commentId`, `parentCommentId`, `text`',
  'like.received': '`from`, `occurredAt`, `mediaId`',
  'follow.received': '`from`, `occurredAt`',
  'unfollow.received': '`from`, `occurredAt` (always null)',
  'mention.received':
    '`from`, `occurredAt`, `mentionedIn` (`comment`, `post`, `story`), `mediaId`; in a comment also `commentId`, `parentCommentId`, `text`',
  'message.sent': 'the message',
  'message.failed': 'the message, `code`, `reason`',
  'message.unconfirmed': 'the message, `reason`',
  'message.canceled': 'the message, `code`, `reason`',
  'message.read': 'the message',
  'message.deleted': '`messageId`, `conversationId`, `how` (`unsent`, `hidden`)',
  'action.succeeded': 'the action as `GET /actions/{id}` shows it',
  'action.failed': 'the action, with `code` and `reason`',
  'action.unconfirmed': 'the action, with `reason`',
  'action.canceled': 'the action',
  'action.expired': 'the action',
  'action.skipped': 'the action, with `code`',
  'bulk.accepted': 'the bulk: `bulkId`, `kind`, `total`, `counts`, …',
  'bulk.completed': 'the bulk',
  'bulk.paused': 'the bulk',
  'bulk.resumed': 'the bulk',
  'bulk.canceled': 'the bulk',
  'session.created': '`status`, `statusReason`',
  'session.active': '`status`, `statusReason`, `previousStatus`',
  'session.expiring': '`expiresAt`',
  'session.expired': '`status`, `statusReason`, `previousStatus`',
  'session.challenge_required': '`status`, `statusReason`, `previousStatus`',
  'session.login_required': '`status`, `statusReason`, `previousStatus`',
  'session.suspended': '`status`, `statusReason`, `previousStatus`',
  'session.proxy_error': '`status`, `statusReason`, `previousStatus`',
  'session.unreachable': '`status`, `statusReason`, `previousStatus`',
  'session.suspect': '`source` (`inbox`, `activity`, `followers`, …), `reason`',
  'session.logged_out': '`status`, `statusReason`, `previousStatus`',
  'session.deactivated': '`status`, `statusReason`, `previousStatus`',
  'limit.paused': '`kind` (`*` for all), `until`, `rule`, `reason`',
  'limit.lifted': '`kind`',
  'webhook.disabled': 'the endpoint',
  'webhook.exhausted': 'the delivery',
  'webhook.failing': 'the endpoint',
}

const EXAMPLE = {
  id: 'evt_1760000000000_k3v9',
  sequence: 42,
  type: 'comment.received' satisfies EventType,
  timestamp: '2026-01-01T12:00:20.000Z',
  userId: 'user_123',
  sessionId: 'instagram_1760000000000_8f2c',
  username: 'north.lamp',
  data: {
    from: { platformId: '70055667788', username: 'clay.fern', fullName: 'Clay Fern' },
    occurredAt: '2026-01-01T12:00:00.000Z',
    mediaId: '3500000000000000001',
    commentId: '18000000000000001',
    parentCommentId: null,
    text: 'Lovely! Is it for sale?',
  },
}

/** Every event, when it happens and what it says, from the list that users subscribe by. */
export function renderEventsPage(): string {
  const rows = (Object.keys(EVENT_CATALOGUE) as EventType[]).map(
    (type) => `| \`${type}\` | ${EVENT_CATALOGUE[type]} | ${DATA[type]} |`,
  )
  return `# Events

A fact that happened to an account, numbered without gaps per user (\`sequence\`), never changed, with an \`id\` that stays the
same however often it is delivered. This page is written from \`src/events/event.ts\`.

\`\`\`json
${JSON.stringify(EXAMPLE, null, 2)}
\`\`\`

\`timestamp\` is when the gateway knew. In what others did:

- \`from\` is who: \`platformId\`, \`username\` and \`fullName\`, each of the last two null where what told of it names none: the
  activity feed names no full names, so a follow that it told has none. Received messages have \`senderFullName\`.
- \`occurredAt\` is Instagram's own time, or null: lists of people have none. Of likes that Instagram tells together it is the
  newest one's.
- \`mediaId\` is the number of the post, reel or story.
- One fact is one event, of the most specific type: a mention in a comment is not also a comment.
- What was there before the account was connected is no event. The same person can follow twice: each time is an event.
  Liking the same post again is none.
- Nobody is told of who leaves. \`unfollow.received\` comes after a whole reading of the follower list that the number of
  followers asked for, and after Instagram confirmed it for the person. Instagram shows 25 followers a page, and asking for
  more changes nothing: 10,000 followers are 400 reads and one more for each who left. At the default 120 reads an hour that
  takes a quiet account about five hours and one that hears something all the time up to twenty; \`POLL_MAX_PER_HOUR\` is the
  bound. Accounts that were deactivated or that block the account are not said to have left.
- Of a post that was liked by more people than the activity feed showed when the account was connected, those whom the feed
  then does not name are left out.

| type | when | \`data\` |
| --- | --- | --- |
${rows.join('\n')}
`
}
