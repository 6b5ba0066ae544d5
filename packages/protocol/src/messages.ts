import { z } from 'zod'
import { ProtocolError } from './errors.ts'
import { glanceOf, type Glance } from './glance.ts'
import { LIMITS } from './limits.ts'

/** Every message of the network, with its schema and its limits. Adding one starts here. */

/** The version of the protocol that this package speaks. Any change to a message or a frame makes a new one. */
export const PROTOCOL_VERSION = 2

const name = z.string().min(1).max(LIMITS.nameChars)
const text = z.string().max(LIMITS.textChars)
const reason = z.string().max(LIMITS.reasonChars)
const count = z.int().nonnegative()
const ms = z.number().nonnegative()
/** Any JSON; what JSON cannot say would be gone on the wire. */
const something = z.unknown().refine((value): boolean => value !== undefined)

/** A lease: this attempt at this task. Attempt numbers fence: what an older attempt says is ignored. */
const lease = { task: name, attempt: z.int().positive() }

const usage = z.strictObject({ input: count, output: count })

/** A model as its node offers it. */
export type OfferedModel = z.infer<typeof OfferedModel>
export const OfferedModel = z.strictObject({
  name,
  /** SHA-256 of the weights where the model server tells: results compare by it. */
  digest: name.optional(),
  /** Tokens that prompt and answer may have together. */
  contextLength: z.int().positive(),
  /** Requests that really run at once. */
  slots: z.int().positive(),
  /** Tasks that the receiver may have unfinished at this node for this model: its credits. */
  credits: count,
  capabilities: z.array(name).max(LIMITS.capabilities),
  /** Measured by the node; absent until it has run something. */
  tokensPerSecond: z.number().positive().optional(),
  /** The toy that comes with Skein: it shows the network, not intelligence. */
  demonstration: z.boolean().optional(),
})

/** First from both sides: who I am, and what I speak. */
const Hello = z.strictObject({
  type: z.literal('hello'),
  version: z.int().positive(),
  role: z.enum(['client', 'node']),
  /** Name of the machine or program, for people. */
  name: z.string().max(LIMITS.nameChars),
  agent: z.string().max(LIMITS.nameChars),
})

/** What a hello of any version has, past or to come. */
export const AnyHello = z.looseObject({ type: z.literal('hello'), version: z.int() })

/** Client → node: a workflow document, once a session; later named by its id. */
const Define = z.strictObject({ type: z.literal('define'), workflow: name, document: something })

/** Client → node: run this. */
const Assign = z.strictObject({
  type: z.literal('assign'),
  ...lease,
  workflow: name,
  input: z.record(z.string().max(LIMITS.nameChars), z.unknown()),
  /** Models that may answer, best first; empty: any. */
  models: z.array(name).max(LIMITS.models),
  seed: z.int().optional(),
  /** After this nobody reads the result. */
  timeLeftMs: ms.optional(),
  /** Answers of an earlier attempt, taken as given. */
  checkpoint: z.strictObject({ answers: z.array(z.unknown()).max(LIMITS.answers) }).optional(),
  /** Whether the trace of each step comes with the result. */
  trace: z.boolean().optional(),
})

/** Client → node: stop this attempt. */
const Cancel = z.strictObject({ type: z.literal('cancel'), ...lease })

/** Client → node: the result is in my store; forget it. */
const Acknowledge = z.strictObject({ type: z.literal('acknowledge'), ...lease })

/** Node → client: what I can do and how much of it you may ask for now. Replaces the offer before. */
const Offer = z.strictObject({
  type: z.literal('offer'),
  models: z.array(OfferedModel).max(LIMITS.models),
  /** Finishing what it has and taking nothing new. */
  draining: z.boolean(),
})

/** Why a node does not take a task. */
export type RefusalCode = z.infer<typeof RefusalCode>
export const RefusalCode = z.enum([
  'no-such-model',
  'no-slot',
  'not-allowed',
  'too-large',
  'draining',
  'invalid',
])

/** Node → client: not this one. It cost nothing and may go elsewhere. */
const Refuse = z.strictObject({
  type: z.literal('refuse'),
  ...lease,
  code: RefusalCode,
  message: text,
})

/** Node → client: still at work. `answers` are new since the last progress, for the checkpoint. */
const Progress = z.strictObject({
  type: z.literal('progress'),
  ...lease,
  /** Tokens written so far by this attempt. */
  tokens: count,
  /** The step now running. */
  step: name.optional(),
  /** New text of that step since the last progress. */
  text: text.optional(),
  answers: z.array(z.unknown()).max(LIMITS.answers).optional(),
})

/** Node → client: done. */
const Finish = z.strictObject({
  type: z.literal('finish'),
  ...lease,
  /** Absent when the workflow returns nothing, which JSON has no other word for. */
  output: z.unknown().optional(),
  model: name,
  digest: name.optional(),
  usage,
  /** Where the time went, on the node. */
  timing: z.strictObject({ queueMs: ms, loadMs: ms, promptMs: ms, generateMs: ms }),
  steps: z.array(name).max(LIMITS.answers),
  trace: z.array(z.unknown()).max(LIMITS.answers).optional(),
})

/** Whose fault a failure is: the task's (it fails anywhere), the node's, or nobody's (cancelled, too late). */
export type Fault = z.infer<typeof Fault>
export const Fault = z.enum(['task', 'node', 'none'])

/** Node → client: it went wrong. */
const Fail = z.strictObject({
  type: z.literal('fail'),
  ...lease,
  code: name,
  message: text,
  /** Whether another node might succeed. */
  retryable: z.boolean(),
  fault: Fault,
})

/** Both: are you there? Answered with the same number. */
const Ping = z.strictObject({ type: z.literal('ping'), nonce: count })
const Pong = z.strictObject({ type: z.literal('pong'), nonce: count })

/** Both: I end this session, and why. */
const Goodbye = z.strictObject({ type: z.literal('goodbye'), code: name, message: reason })

const MESSAGES = [
  Hello,
  Define,
  Assign,
  Cancel,
  Acknowledge,
  Offer,
  Refuse,
  Progress,
  Finish,
  Fail,
  Ping,
  Pong,
  Goodbye,
] as const

/** Whatever crosses a session. */
export type Message = z.infer<typeof Message>
export const Message = z.discriminatedUnion('type', MESSAGES)

/** The message of one type: `MessageOf<'assign'>`. */
export type MessageOf<T extends Message['type']> = Extract<Message, { type: T }>

/** What a client says to a node. */
export type ClientMessage = MessageOf<'define' | 'assign' | 'cancel' | 'acknowledge'>

/** What a node says to a client. */
export type NodeMessage = MessageOf<'offer' | 'refuse' | 'progress' | 'finish' | 'fail'>

/** What a session carries for its users; it says the rest itself. */
export type TaskMessage = ClientMessage | NodeMessage

const SAID_BY: Record<Message['type'], readonly MessageOf<'hello'>['role'][]> = {
  hello: ['client', 'node'],
  define: ['client'],
  assign: ['client'],
  cancel: ['client'],
  acknowledge: ['client'],
  offer: ['node'],
  refuse: ['node'],
  progress: ['node'],
  finish: ['node'],
  fail: ['node'],
  ping: ['client', 'node'],
  pong: ['client', 'node'],
  goodbye: ['client', 'node'],
}

/** Whether somebody in that role says such a thing. */
export function mayBeSaidBy(role: MessageOf<'hello'>['role'], type: Message['type']): boolean {
  return SAID_BY[type].includes(role)
}

/** The one schema of each type: a union would try them in turn. */
const SCHEMAS: ReadonlyMap<unknown, Known> = new Map(
  MESSAGES.map((schema) => [
    schema.shape.type.value,
    { schema, glance: glanceOf<Message>(schema) },
  ]),
)

interface Known {
  readonly schema: (typeof MESSAGES)[number]
  readonly glance: Glance<Message>
}

/**
 * Checks what came in a frame.
 *
 * @throws {ProtocolError} `MALFORMED_FRAME` naming the type and the field, never a value
 */
export function parseMessage(body: unknown): Message {
  const type: unknown = typeof body === 'object' && body !== null && 'type' in body && body.type
  const known = SCHEMAS.get(type)
  if (known === undefined) throw new ProtocolError('MALFORMED_FRAME', 'a message of unknown type')
  const { schema, glance } = known
  if (glance(body)) return body
  const result = schema.safeParse(body)
  if (result.success) return result.data
  throw complaint(schema.shape.type.value, result.error)
}

function complaint(type: string, { issues: [issue] }: z.ZodError): ProtocolError {
  const place = [type, ...(issue?.path ?? [])].join('.').slice(0, LIMITS.nameChars)
  return new ProtocolError('MALFORMED_FRAME', `${place} is wrong: ${issue?.code ?? 'unknown'}`)
}
