import type { Clock } from '../../core/clock.ts'
import type { Transport } from '../../core/transport.ts'
import type { Capability, Connector } from '../connector.ts'
import { checkSession } from './check-session.ts'
import { comment } from './comment.ts'
import type { Web } from './exchange.ts'
import { follow } from './follow.ts'
import { like } from './like.ts'
import { logIn } from './log-in.ts'
import { logOut } from './log-out.ts'
import { lookUpUser } from './look-up-user.ts'
import { markSeen } from './mark-seen.ts'
import { readActivity } from './read-activity.ts'
import { readComments } from './read-comments.ts'
import { readFollowers } from './read-followers.ts'
import { readFriendship } from './read-friendship.ts'
import { readInbox } from './read-inbox.ts'
import { readLikers } from './read-likers.ts'
import { readMedia } from './read-media.ts'
import { readStories } from './read-stories.ts'
import { readThread } from './read-thread.ts'
import { readThreadWith } from './read-thread-with.ts'
import { readUser } from './read-user.ts'
import { replyToStory } from './reply-to-story.ts'
import { sendLike } from './send-like.ts'
import { sendLink } from './send-link.ts'
import { sendMedia } from './send-media.ts'
import { sendText } from './send-text.ts'
import { submitTwoFactor } from './submit-two-factor.ts'
import { unfollow } from './unfollow.ts'
import { unlike } from './unlike.ts'
import { unsend } from './unsend.ts'
import { uploadMedia } from './upload-media.ts'
import { viewStory } from './view-story.ts'

export interface WebConnectorDeps {
  transport: Transport
  clock: Clock
  /** `https://www.instagram.com`, or the sandbox's web face. */
  baseUrl: string
}

const CAPABILITIES: ReadonlySet<Capability> = new Set([
  'log_in',
  'import_cookies',
  'log_out',
  'check_session',
  'look_up_user',
  'send_text',
  'read_inbox',
  'read_thread',
  'read_activity',
  'read_followers',
  'like',
  'unlike',
  'comment',
  'follow',
  'unfollow',
  'send_image',
  'send_video',
  'send_voice',
  'send_link',
  'send_like',
  'unsend',
  'mark_seen',
  'story_view',
  'story_reply',
  'reel_like',
  'reel_comment',
])

/**
 * Instagram's own web client, spoken with the cookies of a session. One file an operation, each with its request and its
 * decoder, because Instagram moves them to other interfaces one by one. Throws when `baseUrl` is no http(s) URL.
 */
export function createWebConnector(deps: WebConnectorDeps): Connector {
  const web: Web = { transport: deps.transport, clock: deps.clock, baseUrl: new URL(deps.baseUrl).origin }
  return {
    name: 'web',
    capabilities: CAPABILITIES,
    logIn: (access, input, call) => logIn(web, access, input, call),
    submitTwoFactor: (access, input, call) => submitTwoFactor(web, access, input, call),
    logOut: (access, call) => logOut(web, access, call),
    checkSession: (access, call) => checkSession(web, access, call),
    lookUpUser: (access, input, call) => lookUpUser(web, access, input, call),
    readUser: (access, input, call) => readUser(web, access, input, call),
    readInbox: (access, input, call) => readInbox(web, access, input, call),
    readThread: (access, input, call) => readThread(web, access, input, call),
    readThreadWith: (access, input, call) => readThreadWith(web, access, input, call),
    readFriendship: (access, input, call) => readFriendship(web, access, input, call),
    readMedia: (access, input, call) => readMedia(web, access, input, call),
    readStories: (access, input, call) => readStories(web, access, input, call),
    readComments: (access, input, call) => readComments(web, access, input, call),
    readActivity: (access, input, call) => readActivity(web, access, input, call),
    readLikers: (access, input, call) => readLikers(web, access, input, call),
    readFollowers: (access, input, call) => readFollowers(web, access, input, call),
    sendText: (access, input, call) => sendText(web, access, input, call),
    sendLink: (access, input, call) => sendLink(web, access, input, call),
    sendLike: (access, input, call) => sendLike(web, access, input, call),
    uploadMedia: (access, input, call) => uploadMedia(web, access, input, call),
    sendMedia: (access, input, call) => sendMedia(web, access, input, call),
    unsend: (access, input, call) => unsend(web, access, input, call),
    markSeen: (access, input, call) => markSeen(web, access, input, call),
    viewStory: (access, input, call) => viewStory(web, access, input, call),
    replyToStory: (access, input, call) => replyToStory(web, access, input, call),
    like: (access, input, call) => like(web, access, input, call),
    unlike: (access, input, call) => unlike(web, access, input, call),
    comment: (access, input, call) => comment(web, access, input, call),
    follow: (access, input, call) => follow(web, access, input, call),
    unfollow: (access, input, call) => unfollow(web, access, input, call),
  }
}
