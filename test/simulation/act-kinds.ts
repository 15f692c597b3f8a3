import type { RequestInput } from './gateway-node.ts'

/** What somebody asks the gateway to do at Instagram. */
export interface ActKind {
  name: string
  operation: string
  /** `more` holds the options that all kinds share. */
  request(input: {
    sessionId: string
    recipient: string
    text: string
    more: Record<string, unknown>
  }): Pick<RequestInput, 'params' | 'body'>
  /** Codes with which it may be refused; any other is a fault. */
  refusals: readonly string[]
}

const ACCOUNT_REFUSALS = ['ACTION_LIMIT_EXCEEDED', 'SESSION_NOT_ACTIVE', 'SESSION_NOT_FOUND']

/** A new kind of action takes part in every simulation by its row here, and one in `check-invariants.ts`. */
export const ACT_KINDS: readonly ActKind[] = [
  {
    name: 'message',
    operation: 'sendMessage',
    request: ({ sessionId, recipient, text, more }) => ({
      body: { sessionId, recipientUsername: recipient, content: text, ...more },
    }),
    refusals: ACCOUNT_REFUSALS,
  },
]
