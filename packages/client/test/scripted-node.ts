import {
  openSession,
  type MessageOf,
  type NodeMessage,
  type Session,
  type TaskMessage,
  type Transport,
} from '@skein/protocol'

type Assign = MessageOf<'assign'>

/** What a scripted node does with a task. */
export type Deed =
  | { readonly output: unknown; readonly afterMs?: number; readonly tokens?: number }
  | { readonly fail: string; readonly fault?: 'task' | 'node'; readonly retryable?: boolean }
  | { readonly refuse: MessageOf<'refuse'>['code'] }
  | 'silence'

export interface NodeScript {
  readonly name?: string
  /** What it says that it is. @default 'node' */
  readonly role?: 'node' | 'client'
  readonly models?: readonly string[]
  readonly slots?: number
  readonly credits?: number
  /** @default echoes the input's first value */
  readonly answer?: (input: Readonly<Record<string, unknown>>, assign: Assign) => Deed
}

/** A node for tests: it speaks the messages, and does what its script says. */
export class ScriptedNode {
  readonly transport: Transport
  readonly assigned: Assign[] = []
  readonly cancelled: MessageOf<'cancel'>[] = []
  readonly acknowledged: MessageOf<'acknowledge'>[] = []
  readonly defined: MessageOf<'define'>[] = []
  /** Names of those who came. */
  readonly guests: string[] = []
  /** The most tasks that it ever had at once. */
  mostAtOnce = 0
  #script: NodeScript
  #running = new Map<string, number>()
  #sessions = new Set<Session>()
  #isDead = false

  constructor(transport: Transport, script: NodeScript = {}) {
    this.transport = transport
    this.#script = script
    transport.accept((channel) => {
      // A client that reaches the node on two ways leaves one of them at once.
      this.#greet(channel).catch(() => {})
    })
  }

  get address(): string {
    return this.transport.addresses[0] ?? ''
  }

  /** Ends every session at once, as a killed process does, and answers no more. */
  kill(): void {
    this.#isDead = true
    for (const session of this.#sessions) session.abort(new Error('killed'))
  }

  offer(changes: NodeScript): void {
    this.#script = { ...this.#script, ...changes }
    for (const session of this.#sessions) this.#say(session, this.#offerOf())
  }

  async #greet(channel: Parameters<typeof openSession>[0]): Promise<void> {
    if (this.#isDead) {
      channel.abort(new Error('dead'))
      return
    }
    const session = await openSession(channel, {
      hello: {
        role: this.#script.role ?? 'node',
        name: this.#script.name ?? this.transport.peer,
        agent: 'test',
      },
      handlers: {
        message: (message) => {
          this.#hear(session, message)
        },
        closed: () => {
          this.#sessions.delete(session)
          this.#running.clear()
        },
      },
    })
    this.#sessions.add(session)
    this.guests.push(session.remote.name)
    if (this.#script.role !== 'client') this.#say(session, this.#offerOf())
  }

  #offerOf(): NodeMessage {
    const { models = ['m'], slots = 4, credits = 8 } = this.#script
    return {
      type: 'offer',
      draining: false,
      models: models.map((name) => ({
        name,
        contextLength: 4096,
        slots,
        credits,
        capabilities: ['chat'],
      })),
    }
  }

  #hear(session: Session, message: TaskMessage): void {
    if (message.type === 'define') this.defined.push(message)
    else if (message.type === 'acknowledge') this.acknowledged.push(message)
    else if (message.type === 'cancel') this.#cancel(session, message)
    else if (message.type === 'assign') this.#take(session, message)
  }

  #take(session: Session, assign: Assign): void {
    const { task, attempt } = assign
    this.assigned.push(assign)
    this.#running.set(task, attempt)
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#running.size)
    const answer = this.#script.answer ?? echo
    const deed = answer(assign.input, assign)
    if (deed === 'silence') return
    if ('refuse' in deed) {
      const { refuse: code } = deed
      this.#end(session, { type: 'refuse', task, attempt, code, message: 'scripted' })
    } else if ('fail' in deed) {
      const { fail: message, fault = 'node', retryable = true } = deed
      const code = 'SCRIPTED'
      this.#end(session, { type: 'fail', task, attempt, code, message, fault, retryable })
    } else {
      const finish = finishOf(assign, deed)
      if (deed.afterMs === undefined) this.#end(session, finish)
      else
        setTimeout(() => {
          this.#end(session, finish)
        }, deed.afterMs)
    }
  }

  #cancel(session: Session, message: MessageOf<'cancel'>): void {
    const { task, attempt } = message
    this.cancelled.push(message)
    const rest = { code: 'CANCELLED', message: '', fault: 'none', retryable: false } as const
    this.#end(session, { type: 'fail', task, attempt, ...rest })
  }

  #end(session: Session, message: Extract<NodeMessage, { attempt: number }>): void {
    if (this.#running.get(message.task) !== message.attempt) return
    this.#running.delete(message.task)
    this.#say(session, message)
  }

  #say(session: Session, message: NodeMessage): void {
    if (!this.#isDead) session.send(message)
  }
}

/** Answers with the first value of the input. */
function echo(input: Readonly<Record<string, unknown>>): Deed {
  return { output: Object.values(input)[0] }
}

/** A visit to a step, as a node tells of it. */
const VISIT = {
  step: 'answer',
  prompt: 'Say it',
  answer: '',
  model: 'm',
  finishReason: 'stop',
  usage: { input: 5, output: 10 },
  ms: 12,
} as const

function finishOf(
  { task, attempt, models, trace }: Assign,
  { output, tokens = 10 }: { output: unknown; tokens?: number },
): MessageOf<'finish'> {
  return {
    type: 'finish',
    task,
    attempt,
    output,
    model: models[0] ?? 'm',
    usage: { input: 5, output: tokens },
    timing: { queueMs: 0, loadMs: 0, promptMs: 1, generateMs: 10 },
    steps: ['answer'],
    // The second entry is none: a node is a stranger.
    ...(trace === true && { trace: [{ ...VISIT, answer: String(output) }, { step: 3 }] }),
  }
}
