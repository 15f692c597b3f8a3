import Type, { type Static } from 'typebox'
import { KEYWORD_MATCHES, MENTION_PLACES, RULE_EVENTS } from './rule.ts'
import { VARIABLES } from './template.ts'

const HOURS_MAX = 720
const KEYWORDS_MAX = 50
const KEYWORD_CHARACTERS_MAX = 100
const TEMPLATE_CHARACTERS_MAX = 2_000

const oneOf = <const T extends string>(values: readonly T[], description?: string) =>
  Type.Union(
    values.map((value) => Type.Literal(value)),
    description === undefined ? {} : { description },
  )

const Instant = Type.String({ format: 'date-time' })
const TextOrNull = Type.Union([Type.String(), Type.Null()])

const Content = Type.String({
  minLength: 1,
  maxLength: TEMPLATE_CHARACTERS_MAX,
  description: `For type message: the text, with ${VARIABLES.map((name) => `{{${name}}}`).join(', ')}, each also with what to say where nothing is known, as in {{fullName|there}}. At most 1000 bytes once filled in.`,
})

const Keywords = Type.Array(Type.String({ minLength: 1, maxLength: KEYWORD_CHARACTERS_MAX }), {
  maxItems: KEYWORDS_MAX,
  description: 'Any of these; none = whatever was said. Case and accents do not count.',
})
const KeywordMatchSchema = oneOf(
  KEYWORD_MATCHES,
  'word (default): as whole words; contains: anywhere; exact: nothing else.',
)
const FirstContact = Type.Boolean({ description: 'Only where nothing was said in the conversation before.' })
const Matches = oneOf(['all', 'any'], 'Whether keyword and first contact must both be given (default), or one of them.')
const MentionedIn = Type.Union([oneOf(MENTION_PLACES), Type.Null()], {
  description: 'Only mentions there; null = anywhere.',
})
const WindowHours = Type.Number({
  minimum: 0,
  maximum: HOURS_MAX,
  description: 'At most once per contact in so many hours (default 24); 0 = every time.',
})
const MaxAgeHours = Type.Number({
  exclusiveMinimum: 0,
  maximum: HOURS_MAX,
  description: 'Events that are older when they are looked at are left alone (default 24).',
})
const Name = Type.Union([Type.String({ maxLength: 100 }), Type.Null()])
const ConfirmStop = Type.Boolean({
  description: 'Answers the message with which a contact asks not to be messaged: the one that may still go to them.',
})

export const CreateRuleBody = Type.Object({
  name: Type.Optional(Name),
  on: oneOf(RULE_EVENTS, 'The type of event.'),
  keywords: Type.Optional(Keywords),
  keywordMatch: Type.Optional(KeywordMatchSchema),
  firstContact: Type.Optional(FirstContact),
  matches: Type.Optional(Matches),
  mentionedIn: Type.Optional(MentionedIn),
  action: Type.Object({
    type: oneOf(
      ['message', 'like', 'follow', 'unfollow'],
      'like goes with mention.received, unfollow with unfollow.received.',
    ),
    content: Type.Optional(Content),
    confirmStop: Type.Optional(ConfirmStop),
  }),
  windowHours: Type.Optional(WindowHours),
  maxAgeHours: Type.Optional(MaxAgeHours),
  enabled: Type.Optional(Type.Boolean({ description: 'Default true.' })),
})
export type CreateRuleInput = Static<typeof CreateRuleBody>

export const ChangeRuleBody = Type.Object({
  name: Type.Optional(Name),
  keywords: Type.Optional(Keywords),
  keywordMatch: Type.Optional(KeywordMatchSchema),
  firstContact: Type.Optional(FirstContact),
  matches: Type.Optional(Matches),
  mentionedIn: Type.Optional(MentionedIn),
  content: Type.Optional(Content),
  windowHours: Type.Optional(WindowHours),
  maxAgeHours: Type.Optional(MaxAgeHours),
  enabled: Type.Optional(Type.Boolean({ description: 'Of a preset it is switched by its setting of the session.' })),
})
export type ChangeRuleInput = Static<typeof ChangeRuleBody>

export const RuleView = Type.Object(
  {
    id: Type.String(),
    sessionId: Type.String(),
    name: TextOrNull,
    preset: Type.Union([Type.String(), Type.Null()], { description: 'The setting of the session that switches it.' }),
    enabled: Type.Boolean(),
    on: Type.String(),
    keywords: Type.Array(Type.String()),
    keywordMatch: Type.String(),
    firstContact: Type.Boolean(),
    matches: Type.String(),
    mentionedIn: TextOrNull,
    action: Type.Object({
      type: Type.String(),
      content: Type.Optional(Type.String()),
      confirmStop: Type.Optional(Type.Boolean()),
    }),
    windowHours: Type.Number(),
    maxAgeHours: Type.Number(),
    createdAt: Instant,
  },
  { title: 'Rule' },
)

const Contact = Type.Object({ platformId: TextOrNull, username: TextOrNull })
const Outcome = oneOf(['fired', 'skipped'])

export const DecisionView = Type.Object(
  {
    ruleId: Type.String(),
    eventId: Type.String(),
    sequence: Type.Integer(),
    at: Type.String({ format: 'date-time', description: 'When the event was written down.' }),
    decidedAt: Instant,
    contact: Contact,
    outcome: Outcome,
    reason: Type.String({ description: 'Why: matched, already answered, a person is writing, suppressed, too old, …' }),
    actionId: TextOrNull,
  },
  { title: 'Decision' },
)

export const SimulationView = Type.Object({
  since: Instant,
  evaluated: Type.Integer({ description: 'Events of the type of the rule.' }),
  wouldFire: Type.Integer(),
  decisions: Type.Array(
    Type.Object({
      eventId: Type.String(),
      sequence: Type.Integer(),
      at: Instant,
      contact: Contact,
      outcome: Outcome,
      reason: Type.String(),
      text: Type.Optional(Type.String({ description: 'The message that would be sent.' })),
    }),
    { description: 'In the order of the events; of many the newest 1000.' },
  ),
})
