import {
  openSession,
  type Message,
  type MessageOf,
  type NodeMessage,
  type Session,
  type TaskMessage,
  type Transport,
} from '@skein/protocol'
import type { Workflow } from '@skein/workflows'

const PATIENCE_MS = 10_000

/** A client that says what a test wants said and remembers what it hears. */
export class TestClient {
  readonly heard: TaskMessage[] = []
  readonly closed = Promise.withResolvers<Error | undefined>()
  #session: Session | undefined
  readonly #waiting = new Set<() => void>()

  static async connect(transport: Transport, address: string): Promise<TestClient> {
    const client = new TestClient()
    const channel = await transport.dial(address, { signal: AbortSignal.timeout(PATIENCE_MS) })
    client.#session = await openSession(channel, {
      hello: { role: 'client', name: 'test', agent: 'test' },
      handlers: {
        message: (message) => {
          client.heard.push(message)
          for (const look of client.#waiting) look()
        },
        closed: (error) => {
          client.closed.resolve(error)
        },
      },
    })
    return client
  }

  get session(): Session {
    if (this.#session === undefined) throw new Error('not connected')
    return this.#session
  }

  define({ id, document }: Workflow<never, unknown>): void {
    this.session.send({ type: 'define', workflow: id, document })
  }

  assign(
    { id }: { readonly id: string },
    task: Partial<MessageOf<'assign'>> & { readonly task: string },
  ): void {
    const usual = { attempt: 1, workflow: id, input: {}, models: [] }
    this.session.send({ ...usual, ...task, type: 'assign' })
  }

  all<T extends NodeMessage['type']>(type: T): MessageOf<T>[] {
    return this.heard.filter(
      (message): message is MessageOf<T> & TaskMessage => message.type === type,
    )
  }

  /** The first message of that type that fits, once it is there. */
  async hears<T extends NodeMessage['type']>(
    type: T,
    fits: (message: MessageOf<T>) => boolean = () => true,
  ): Promise<MessageOf<T>> {
    const { promise, resolve, reject } = Promise.withResolvers<MessageOf<T>>()
    const look = () => {
      const found = this.all(type).find(fits)
      if (found !== undefined) resolve(found)
    }
    this.#waiting.add(look)
    look()
    const timer = setTimeout(() => {
      reject(new Error(`never heard such a ${type}; heard ${this.heard.map(describe).join(', ')}`))
    }, PATIENCE_MS)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(look)
    }
  }

  /** How the task ended. */
  ends(task: string): Promise<MessageOf<'finish'> | MessageOf<'fail'> | MessageOf<'refuse'>> {
    const fits = (message: { readonly task: string }) => message.task === task
    return Promise.any([
      this.hears('finish', fits),
      this.hears('fail', fits),
      this.hears('refuse', fits),
    ])
  }

  /** The latest credits for a model. */
  credits(model: string): number | undefined {
    return this.all('offer')
      .at(-1)
      ?.models.find(({ name }) => name === model)?.credits
  }
}

function describe(message: Message): string {
  return message.type === 'refuse' || message.type === 'fail'
    ? `${message.type} ${message.code}`
    : message.type
}
