import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  type Engine,
  EngineError,
  type GenerateEvent,
  type GenerateRequest,
} from '../../src/engines/engine.ts'

/** An engine with all that the suite must know about what stands behind it. */
export interface Subject extends AsyncDisposable {
  readonly engine: Engine
  readonly model: string
  /** Requests that run at once. */
  readonly slots: number
  /** An ordinary prompt. */
  readonly prompt: string
  /** A prompt whose answer is long enough to be stopped in the middle. */
  readonly longPrompt: string
  /** A prompt that asks for three strings or more. */
  readonly listPrompt: string
  /** How often the model server saw a request stop before its end. */
  readonly stops?: () => number
  /** The conversation of the last request as it reached the model. */
  readonly seen?: () => readonly { role: string; content: unknown }[]
}

const LIST = z.array(z.string()).min(3)
const never = new AbortController().signal

export interface SuiteOptions {
  /** What the model server sees cannot be looked at: neither `stops` nor `seen` is there. */
  readonly blind?: boolean
}

/** What every engine must do, whatever stands behind it. */
export function describeEngine(
  name: string,
  create: () => Promise<Subject>,
  { blind = false }: SuiteOptions = {},
): void {
  describe(`${name}, as an engine`, () => {
    let subject: Subject

    beforeEach(async () => {
      subject = await create()
    })
    afterEach(async () => {
      await subject[Symbol.asyncDispose]()
    })

    function ask(content: string, more: Partial<GenerateRequest> = {}): GenerateRequest {
      const messages = [{ role: 'user' as const, content }]
      return { model: subject.model, messages, maxTokens: 200, ...more }
    }

    it('says that its server is there', async () => {
      const health = await subject.engine.probe(never)
      expect(health).toMatchObject({ reachable: true, problems: [] })
    })

    it('lists its models with what they can take', async () => {
      const models = await subject.engine.models(never)
      const model = models.find((candidate) => candidate.name === subject.model)
      expect(model).toMatchObject({ remote: false, slots: subject.slots })
      expect(model?.contextLength).toBeGreaterThan(100)
      expect(model?.capabilities).toContain('chat')
    })

    it('streams text, then exactly one finish with the tokens counted', async () => {
      const events = await collect(subject.engine.generate(ask(subject.prompt), never))
      const finish = events.at(-1)
      expect(textOf(events)).not.toBe('')
      expect(events.filter((event) => event.type === 'finish')).toHaveLength(1)
      expect(finish).toMatchObject({ type: 'finish', reason: 'stop' })
      if (finish?.type !== 'finish') return
      expect(finish.usage.input).toBeGreaterThan(0)
      expect(finish.usage.output).toBeGreaterThan(0)
      for (const ms of Object.values(finish.timing)) expect(ms).toBeGreaterThanOrEqual(0)
    })

    it('[D8] stops at the token limit and says so', async () => {
      const events = await collect(
        subject.engine.generate(ask(subject.longPrompt, { maxTokens: 5 }), never),
      )
      expect(events.at(-1)).toMatchObject({
        type: 'finish',
        reason: 'length',
        usage: { output: 5 },
      })
      expect(textOf(events).length).toBeGreaterThan(0)
      expect(textOf(events).length).toBeLessThan(100)
    })

    it('[D10] keeps an answer inside its schema', async () => {
      const schema = z.toJSONSchema(LIST)
      const events = await collect(
        subject.engine.generate(ask(subject.listPrompt, { schema }), never),
      )
      expect(LIST.safeParse(JSON.parse(textOf(events))).error).toBeUndefined()
    })

    it('gives the same answer to the same seed', async () => {
      const request = ask(subject.prompt, { sampling: { temperature: 1, seed: 7 } })
      const first = textOf(await collect(subject.engine.generate(request, never)))
      const second = textOf(await collect(subject.engine.generate(request, never)))
      expect(second).toBe(first)
    })

    it.skipIf(blind)('[D11] hands over the conversation as given', async () => {
      const messages = [
        { role: 'system' as const, content: 'You are terse.' },
        { role: 'user' as const, content: 'Hello.' },
        { role: 'assistant' as const, content: 'Yes?' },
        { role: 'user' as const, content: subject.prompt },
      ]
      await collect(subject.engine.generate(ask('', { messages }), never))
      expect(subject.seen?.()).toEqual(messages)
    })

    it('names a model that it does not have', async () => {
      const request = { ...ask(subject.prompt), model: 'no-such-model' }
      const error = await failureOf(collect(subject.engine.generate(request, never)))
      expect(error).toBeInstanceOf(EngineError)
      expect(error).toMatchObject({ code: 'MODEL_MISSING', retryable: true })
      expect(error.message).toContain('no-such-model')
    })

    it('does nothing for a signal that is aborted already', async () => {
      const reason = new Error('too late')
      const events = subject.engine.generate(ask(subject.prompt), AbortSignal.abort(reason))
      expect(await failureOf(collect(events))).toBe(reason)
    })

    it('[N9] stops in the middle of an answer when aborted, with the reason given', async () => {
      const controller = new AbortController()
      const reason = new Error('the client left')
      const long = ask(subject.longPrompt, { maxTokens: 900 })
      const work = collect(subject.engine.generate(long, controller.signal), () => {
        controller.abort(reason)
      })
      expect(await failureOf(work)).toBe(reason)
    })

    it.skipIf(blind)('[N9] stops the model server too', async () => {
      const controller = new AbortController()
      const long = ask(subject.longPrompt, { maxTokens: 900 })
      const work = collect(subject.engine.generate(long, controller.signal), () => {
        controller.abort(new Error('the client left'))
      })
      await failureOf(work)
      await expect.poll(() => subject.stops?.(), { timeout: 10_000 }).toBe(1)
    })

    it.skipIf(blind)('[N9] stops the model server when its reader leaves', async () => {
      const long = ask(subject.longPrompt, { maxTokens: 900 })
      for await (const event of subject.engine.generate(long, never)) {
        if (event.type === 'text') break
      }
      await expect.poll(() => subject.stops?.(), { timeout: 10_000 }).toBe(1)
    })

    it('[N9] takes up the next request when the reader of one leaves', async () => {
      const long = ask(subject.longPrompt, { maxTokens: 900 })
      for (let round = 0; round <= subject.slots; round += 1) {
        for await (const event of subject.engine.generate(long, never)) {
          if (event.type === 'text') break
        }
      }
      const after = await collect(subject.engine.generate(ask(subject.prompt), never))
      expect(after.at(-1)?.type).toBe('finish')
    })

    it('[N9] lets a request that waits for its turn be aborted, and the others go on', async () => {
      const running = new AbortController()
      const started = Array.from({ length: subject.slots }, () => {
        const { promise, resolve } = Promise.withResolvers<void>()
        const long = ask(subject.longPrompt, { maxTokens: 900 })
        const work = collect(subject.engine.generate(long, running.signal), () => {
          resolve()
        })
        return { begun: Promise.race([promise, work]), ended: failureOf(work) }
      })
      await Promise.all(started.map(({ begun }) => begun))
      const waiting = new AbortController()
      const reason = new Error('not needed any more')
      const late = collect(subject.engine.generate(ask(subject.prompt), waiting.signal))
      setTimeout(() => {
        waiting.abort(reason)
      }, 20)
      expect(await failureOf(late)).toBe(reason)
      running.abort(new Error('enough'))
      for (const { ended } of started) await ended
      const after = await collect(subject.engine.generate(ask(subject.prompt), never))
      expect(after.at(-1)?.type).toBe('finish')
    })
  })
}

/** All events of an answer; `onText` is called with each piece of text. */
export async function collect(
  events: AsyncIterable<GenerateEvent>,
  onText: (text: string) => void = () => {},
): Promise<GenerateEvent[]> {
  const all: GenerateEvent[] = []
  for await (const event of events) {
    all.push(event)
    if (event.type === 'text') onText(event.text)
  }
  return all
}

export function textOf(events: readonly GenerateEvent[]): string {
  return events.map((event) => (event.type === 'text' ? event.text : '')).join('')
}

/** The error that a promise is rejected with; none is a failure of the test. */
export async function failureOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('it should have failed')
}
