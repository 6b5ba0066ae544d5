import {
  type Engine,
  EngineError,
  type GenerateEvent,
  type GenerateRequest,
  type ModelInfo,
} from '../src/engines/engine.ts'
import { EventQueue } from '../src/engines/event-queue.ts'

type Finish = Extract<GenerateEvent, { type: 'finish' }>

export const FINISH: Finish = {
  type: 'finish',
  reason: 'stop',
  usage: { input: 3, output: 2 },
  timing: { queueMs: 1, loadMs: 2, promptMs: 3, generateMs: 4 },
}

const USUAL: Omit<ModelInfo, 'name'> = {
  contextLength: 1000,
  slots: 1,
  remote: false,
  capabilities: ['chat', 'json-schema', 'seed'],
}

/** A request that a test answers by hand. */
export interface HandRequest {
  readonly request: GenerateRequest
  readonly signal: AbortSignal
  say(...texts: string[]): void
  finish(event?: Partial<Finish>): void
  fail(error: EngineError): void
}

/** A model of its: a name, and what differs from the usual. */
export type HandModel = Partial<ModelInfo> & { readonly name: string }

/** An engine that does nothing by itself: the test says and ends each answer. */
export class HandEngine implements Engine {
  readonly kind = 'scripted'
  readonly id = 'hand'
  readonly requests: HandRequest[] = []
  readonly #infos: ModelInfo[]
  /** What `models` rejects with, while it is set. */
  gone: EngineError | undefined

  constructor(...infos: readonly HandModel[]) {
    this.#infos = infos.map((info) => Object.assign({}, USUAL, info))
  }

  /** Changes what it has. */
  set(...infos: readonly ModelInfo[]): void {
    this.#infos.splice(0, this.#infos.length, ...infos)
  }

  probe() {
    return Promise.resolve({ reachable: true, problems: [] })
  }

  models(): Promise<readonly ModelInfo[]> {
    return this.gone === undefined ? Promise.resolve([...this.#infos]) : Promise.reject(this.gone)
  }

  generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<GenerateEvent> {
    const events = new EventQueue<GenerateEvent>(() => {})
    signal.addEventListener('abort', () => {
      const reason: unknown = signal.reason
      events.stop(reason instanceof Error ? reason : new EngineError('ABORTED', 'aborted'))
    })
    this.requests.push({
      request,
      signal,
      say: (...texts) => {
        for (const text of texts) events.push({ type: 'text', text })
      },
      finish: (event = {}) => {
        events.push({ ...FINISH, ...event })
        events.end()
      },
      fail: (error) => {
        events.end(error)
      },
    })
    return events
  }

  /** The nth request, which must have come. */
  at(index: number): HandRequest {
    const request = this.requests.at(index)
    if (request === undefined) throw new Error(`no request number ${index}`)
    return request
  }

  [Symbol.asyncDispose]() {
    return Promise.resolve()
  }
}

/** Lets everything that can go on without a timer go on. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
