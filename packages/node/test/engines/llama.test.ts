import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { demonstrationEngine, DEMONSTRATION_MODEL } from '../../src/engines/demonstration.ts'
import type { Engine } from '../../src/engines/engine.ts'
import { createLlamaEngine } from '../../src/engines/llama.ts'
import { findLibrary } from '../../src/engines/llama-library.ts'
import { collect, describeEngine, failureOf, textOf } from './engine-contract.ts'

const never = new AbortController().signal
const FILE = fileURLToPath(new URL('../../demo-model/demo.gguf', import.meta.url))
const HAIKU = 'Write a haiku about coffee.'
const TOPICS = 'List 5 subtopics of coffee as a JSON list.'
/** It goes on and on about it. */
const ENDLESS = 'coffee '.repeat(100)

function isInstalled(): boolean {
  try {
    findLibrary()
    return true
  } catch {
    return false
  }
}
const ask = (content: string, more: { maxTokens?: number } = {}) => ({
  model: DEMONSTRATION_MODEL,
  messages: [{ role: 'user' as const, content }],
  maxTokens: 200,
  ...more,
})

describe.skipIf(!isInstalled())('with node-llama-cpp', { timeout: 60_000 }, () => {
  const shared = demonstrationEngine({ threads: 1, slots: 2 })
  afterAll(async () => {
    await shared[Symbol.asyncDispose]()
  })

  const create = () =>
    Promise.resolve({
      engine: shared,
      model: DEMONSTRATION_MODEL,
      slots: 2,
      prompt: HAIKU,
      longPrompt: ENDLESS,
      listPrompt: TOPICS,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    })
  describeEngine('llama', create, { blind: true })

  describe('the demonstration engine', () => {
    let engine: Engine

    beforeAll(() => {
      engine = demonstrationEngine({ threads: 1 })
    })
    afterAll(async () => {
      await engine[Symbol.asyncDispose]()
    })

    it('says that it is a toy, and what exactly it is', async () => {
      expect(await engine.models(never)).toMatchObject([
        {
          name: 'skein-demo',
          demonstration: true,
          contextLength: 1008,
          digest: '4d93a199f2e69ea8683a7cc1d1d20a374cd5e86b5eccb5246ae7acc1e7766d0a',
        },
      ])
    })

    it('writes the same haiku every time, in three lines', async () => {
      const first = textOf(await collect(engine.generate(ask(HAIKU), never)))
      const second = textOf(await collect(engine.generate(ask(HAIKU), never)))
      expect(first.split('\n')).toHaveLength(3)
      expect(first.toLowerCase()).toContain('coffee')
      expect(second).toBe(first)
    })

    it('gives each of the requests that run together what it gives them alone', async () => {
      const shape = z.strictObject({ subject: z.string(), mood: z.enum(['positive', 'negative']) })
      const schema = z.toJSONSchema(shape)
      const answerTo = async (subject: string) =>
        textOf(
          await collect(
            engine.generate({ ...ask(`Return the subject: ${subject}`), schema }, never),
          ),
        )
      const subjects = [
        'The food was good.',
        'The hotel was bad.',
        'The phone is new.',
        'The film is long.',
      ]
      const alone: string[] = []
      for (const subject of subjects) alone.push(await answerTo(subject))
      for (let round = 0; round < 120; round += 1) {
        expect(await Promise.all(subjects.map(answerTo))).toEqual(alone)
      }
    })

    it('[D11] adds nothing to the conversation but the template of the model', async () => {
      const messages = [
        { role: 'system' as const, content: 'You are brief.' },
        { role: 'user' as const, content: HAIKU },
      ]
      const events = await collect(engine.generate({ ...ask(''), messages }, never))
      // <|im_start|>system\nYou are brief.<|im_end|>\n<|im_start|>user\n…<|im_end|>\n<|im_start|>assistant\n
      expect(events.at(-1)).toMatchObject({ usage: { input: 23 } })
    })

    it('streams a list inside its schema, without the padding of the rules', async () => {
      const schema = z.toJSONSchema(z.array(z.string()).length(5))
      const events = await collect(engine.generate({ ...ask(TOPICS), schema }, never))
      expect(textOf(events)).toBe(textOf(events).trim())
      expect(JSON.parse(textOf(events))).toHaveLength(5)
    })

    it.each([
      ['a pattern', z.string().regex(/^[a-c]{3}-\d$/)],
      ['a choice', z.enum(['tea', 'coffee'])],
      ['a range', z.int().min(37).max(41)],
      ['a truth value', z.boolean()],
      ['several types', z.union([z.literal(7), z.null()])],
      [
        'an object',
        z.strictObject({
          sort: z.enum(['tea']),
          hot: z.boolean(),
          n: z.int().min(1).max(3).optional(),
        }),
      ],
      ['a list of objects', z.array(z.strictObject({ n: z.int().min(-2).max(2) })).length(2)],
    ])('[D10] cannot leave %s, whatever it is asked', async (_, shape) => {
      const schema = z.toJSONSchema(shape)
      const events = await collect(engine.generate({ ...ask(HAIKU), schema }, never))
      expect(shape.safeParse(JSON.parse(textOf(events)))).toMatchObject({ success: true })
      expect(events.at(-1)).toMatchObject({ reason: 'stop' })
    })

    it('answers freely to a schema that no rule can express', async () => {
      const schema = { allOf: [{ type: 'array' }] }
      const events = await collect(engine.generate({ ...ask(TOPICS), schema }, never))
      expect(JSON.parse(textOf(events))).toHaveLength(5)
    })

    it('refuses a prompt that is longer than the context, with both numbers', async () => {
      const error = await failureOf(collect(engine.generate(ask('tea '.repeat(2000)), never)))
      expect(error).toMatchObject({ code: 'CONTEXT_OVERFLOW', retryable: false })
      expect(error.message).toContain('1008')
    })

    it('[D8] says so where a prompt has grown by an answer that could not be used', async () => {
      const asked = ask('tea '.repeat(2000))
      const more = [
        { role: 'assistant', content: 'tea' },
        { role: 'user', content: 'Answer again' },
      ] as const
      const messages = [...asked.messages, ...more]
      const error = await failureOf(collect(engine.generate({ ...asked, messages }, never)))
      expect(error.message).toMatch(/^The prompt has \d+ tokens with the answer before it and /)
    })

    it('[D8] writes to the end of the context and no further', async () => {
      const request = ask('coffee '.repeat(700), { maxTokens: 100_000 })
      const events = await collect(engine.generate(request, never))
      const finish = events.at(-1)
      if (finish?.type !== 'finish') throw new Error('no finish')
      expect(finish.reason).toBe('length')
      expect(finish.usage.input + finish.usage.output).toBe(1008)
    })

    it('answers a prompt that leaves room for hardly more than a word', async () => {
      const request = ask('coffee '.repeat(950), { maxTokens: 20 })
      const events = await collect(engine.generate(request, never))
      expect(events.at(-1)).toMatchObject({ reason: 'length', usage: { output: 20 } })
    })

    it('[N9] has its child stop, not only its reader', async () => {
      await using alone = demonstrationEngine({ threads: 1, slots: 1 })
      const long = ask(ENDLESS, { maxTokens: 900 })
      await alone.models(never)
      const start = performance.now()
      await collect(alone.generate(long, never))
      const whole = performance.now() - start
      for (let round = 0; round < 3; round += 1) {
        for await (const event of alone.generate(long, never)) if (event.type === 'text') break
      }
      await collect(alone.generate(ask(HAIKU), never))
      expect(performance.now() - start - whole).toBeLessThan(2 * whole)
    })

    it('runs as many requests at once as it has slots', async () => {
      let running = 0
      let most = 0
      const answer = async () => {
        let begun = false
        for await (const event of engine.generate(ask(ENDLESS), never)) {
          if (begun || event.type !== 'text') continue
          begun = true
          running += 1
          most = Math.max(most, running)
        }
        running -= 1
      }
      await Promise.all(Array.from({ length: 6 }, answer))
      expect(most).toBe(4)
    })

    it('stops where the task says', async () => {
      const request = { ...ask('List three facts about robots.'), sampling: { stop: ['2.'] } }
      const text = textOf(await collect(engine.generate(request, never)))
      expect(text).toContain('1.')
      expect(text).not.toContain('3.')
    })

    it('sees no pictures and says so', async () => {
      const messages = [{ role: 'user' as const, content: 'look', images: ['abc'] }]
      const error = await failureOf(collect(engine.generate({ ...ask(''), messages }, never)))
      expect(error).toMatchObject({ code: 'CAPABILITY_MISSING' })
    })
  })

  describe('the llama engine, when its child dies', () => {
    it('fails what runs as retryable and starts again with the next request', async () => {
      await using engine = demonstrationEngine({ threads: 1 })
      const own = await childrenStartedBy(() => engine.models(never))
      const error = await failureOf(
        collect(engine.generate(ask(ENDLESS, { maxTokens: 900 }), never), () => {
          for (const child of own.splice(0)) process.kill(child, 'SIGKILL')
        }),
      )
      expect(error).toMatchObject({ code: 'CRASHED', retryable: true })
      expect(error.message).toContain('SIGKILL')
      expect(textOf(await collect(engine.generate(ask(HAIKU), never)))).toContain('\n')
    })

    it('survives a model file that aborts the process', async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'skein-llama-'))
      try {
        const file = path.join(folder, 'bad.gguf')
        const bytes = await readFile(FILE)
        // A key that llama.cpp needs and asserts on, misspelt.
        bytes.write('x', bytes.indexOf('llama.attention.head_count'))
        await writeFile(file, bytes)
        await using engine = createLlamaEngine({ path: file, name: 'bad', threads: 1 })
        const error = await failureOf(engine.models(never))
        expect(error).toMatchObject({ name: 'EngineError', code: 'CRASHED' })
        expect(error.message).toContain('GGML_ASSERT')
      } finally {
        await rm(folder, { recursive: true })
      }
    })

    it('leaves no process behind', async () => {
      const engine = demonstrationEngine({ threads: 1 })
      const [child] = await childrenStartedBy(() => engine.models(never))
      expect(children()).toContain(child)
      await engine[Symbol.asyncDispose]()
      expect(children()).not.toContain(child)
      expect(await failureOf(collect(engine.generate(ask(HAIKU), never)))).toMatchObject({
        code: 'UNAVAILABLE',
      })
    })
  })
})

describe('the llama engine', () => {
  it('names the file that it cannot read', async () => {
    await using engine = createLlamaEngine({ path: '/no/such/model.gguf', name: 'm' })
    const health = await engine.probe(never)
    expect(health.problems.join()).toContain('/no/such/model.gguf')
    expect(await failureOf(engine.models(never))).toMatchObject({ code: 'UNAVAILABLE' })
  })
})

async function childrenStartedBy(start: () => Promise<unknown>): Promise<number[]> {
  const before = new Set(children())
  await start()
  return children().filter((child) => !before.has(child))
}

/** The processes of embedded engines that this one started, as the operating system lists them. */
function children(): number[] {
  const lines = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], {
    encoding: 'utf8',
  })
  return lines
    .split('\n')
    .filter((line) => line.includes('llama-child'))
    .map((line) => Number.parseInt(line, 10))
}
