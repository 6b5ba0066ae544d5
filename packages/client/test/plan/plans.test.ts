import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { graph, pipeline, plans, step, type AnyPipeline } from '../../src/index.ts'
import { double, withClient } from '../local-plans.ts'
import { execute, rewrite } from '../workflows.ts'

const Text = z.object({ text: z.string() })
const features = step({
  name: 'features',
  input: Text,
  output: z.array(z.string()),
  run: ({ text }) => text.split(' '),
})
const mood = step({ name: 'mood', input: Text, output: z.string(), run: () => 'good' })
const Analysis = z.object({ features: z.array(z.string()), mood: z.string() })
function isLong({ length }: string): boolean {
  return length > 2
}
function shout(word: string): string {
  return word.toUpperCase()
}
function kind(word: string): string {
  return isLong(word) ? 'long' : 'short'
}
const size = step({ name: 'size', input: z.string(), output: z.number(), run: (s) => s.length })
const registry = { features, mood, isLong, shout, kind, size, double, Analysis, execute }

const ANALYZE = `pipeline = "analyze"

[input]
text = "string"

[[steps]]
combined = "Analysis"
parallel = { features = "features", mood = "mood" }
`

const WORDS = `pipeline = "words"
input = { text = "string" }

[[steps]]
step = "features"
retries = 1
as = "words"

[[steps]]
scatter = "words"

[[steps]]
map = "wordOf"

[[steps]]
filter = "isLong"

[[steps]]
when = "isLong"
steps = [{ map = "shout" }]
otherwise = []

[[steps]]
choose = "kind"
[steps.cases]
long = "size"
short = { steps = ["size", "double"] }

[[steps]]
batch = 2
`

function wordOf({ words }: { readonly words: string }): string {
  return words
}

function pick(row: { readonly xs: number }): number {
  return row.xs
}
function models(): string[] {
  return ['m']
}
function all(rows: readonly { readonly output: unknown }[]): number {
  return rows.length
}
function positive(n: number): boolean {
  return n > 0
}
function first({ xs: [a = 0] }: { readonly xs: readonly number[] }): { a: number } {
  return { a }
}
function boxed(xs: number): { xs: number } {
  return { xs }
}
function always(): boolean {
  return true
}
function told(): string {
  return 'none'
}
function instruction(): { instruction: string } {
  return { instruction: 'x' }
}

const sums = pipeline('inner', { xs: z.number() }).map(({ xs }) => xs)
function inner() {
  return sums
}

async function outputOf(plan: AnyPipeline, input: unknown): Promise<unknown> {
  return withClient(async (client) => (await client.run(plan, input)).output)
}

describe('a pipeline as data', () => {
  it('[P8] in TOML gives what the same gives in TypeScript', async () => {
    const written = pipeline('analyze', { text: z.string() }).parallel(
      { features, mood },
      { combined: Analysis },
    )
    const input = { text: 'a b' }
    const { output } = await withClient(async (client) => client.run(written, input))
    expect(await outputOf(plans.fromToml(ANALYZE, registry), input)).toEqual(output)
    expect(await outputOf(plans.fromJson(written.toJSON(), registry), input)).toEqual(output)
    const text = { text: 'the wild geese of fly' }
    const words = plans.fromToml(WORDS, { ...registry, wordOf })
    expect(await outputOf(words, text)).toEqual([
      [3, 4],
      [5, 3],
    ])
  })

  it.each([ANALYZE, WORDS])(
    '[P8] goes from TOML to JSON and back, and stays what it is',
    (toml) => {
      const known = { ...registry, wordOf }
      const once = plans.toToml(plans.fromToml(toml, known))
      const json: unknown = JSON.parse(JSON.stringify(plans.fromToml(once, known)))
      expect(plans.toToml(plans.fromJson(json, known))).toBe(once)
      expect(plans.fromJson(json, known).toJSON()).toEqual(json)
    },
  )

  it('[P8] holds every verb, option and graph', () => {
    const wired = graph('wired', { input: z.object({ a: z.number() }) }, (g, input) => {
      const twice = g(double, input.a)
      const perhaps = g.when(twice, positive, double, twice, { name: 'perhaps' })
      return { perhaps, list: [twice, 3, '$5'] }
    })
    const whole = pipeline('whole', { xs: z.array(z.number()).max(3), note: z.string().optional() })
      .step(wired, { with: first, as: 'wired' })
      .scatter('xs')
      .broadcast(2)
      .broadcast(['m'], { as: 'model' })
      .step(double, { with: pick, as: 'two', when: always, concurrency: 2, failFast: true })
      .step(execute, {
        with: instruction,
        models,
        as: 'told',
        timeout: '5s',
        retry: { attempts: 3, delay: 5, factor: 3, cap: '2s', jitter: false, filter: always },
        fallback: told,
        minSuccessRatio: 0.5,
        cache: { scope: 'run', ttl: 5 },
      })
      .tap(pick)
      .aggregate({ by: 'two' })
      .callback(all)
      .map(boxed)
      .pipe(inner)
    const known = {
      double,
      execute,
      pick,
      models,
      all,
      positive,
      inner,
      first,
      always,
      told,
      instruction,
      boxed,
    }
    const json: unknown = JSON.parse(JSON.stringify(whole))
    expect(plans.fromJson(json, known).toJSON()).toEqual(json)
    expect(plans.fromJson(json, known).describe()).toBe(whole.describe())
    expect(json).toMatchObject({
      pipeline: 'whole',
      input: { xs: { type: 'array', maxItems: 3 }, note: 'string?' },
      steps: [
        {
          pipeline: 'wired',
          steps: [
            {
              graph: {
                steps: [
                  { name: 'double', step: 'double', wire: '$input.a' },
                  { name: 'perhaps', when: 'positive', on: '$double', wire: '$double' },
                ],
                output: { perhaps: '$perhaps', list: ['$double', 3, '$$5'] },
              },
            },
          ],
        },
        { scatter: 'xs' },
        { broadcast: 2 },
        { broadcast: ['m'], as: 'model' },
        { step: 'double', concurrency: 2, failFast: true },
        {
          workflow: { name: 'execute' },
          models: { function: 'models' },
          timeout: 5000,
          retry: { attempts: 3, delay: 5, factor: 3, cap: 2000, jitter: false, filter: 'always' },
          fallback: 'told',
          minSuccessRatio: 0.5,
          cache: { scope: 'run', ttl: 5 },
        },
        { tap: 'pick' },
        { aggregate: true, by: 'two' },
        { callback: 'all' },
        { map: 'boxed' },
        { pipe: { function: 'inner' } },
      ],
    })
  })

  it.each<[unknown, string]>([
    [null, 'steps[0].broadcast[1] is null'],
    [{ a: null, b: 1 }, 'steps[0].broadcast[1].a is null'],
    [[1, undefined], 'steps[0].broadcast[1][1] is undefined'],
    [NaN, 'steps[0].broadcast[1] is NaN'],
    [-0, 'steps[0].broadcast[1] is -0'],
    [1n, 'steps[0].broadcast[1] is a bigint'],
    [new Date(0), 'steps[0].broadcast[1] is a Date'],
    [new Map(), 'steps[0].broadcast[1] is a Map'],
  ])('[P8] that TOML cannot say is told so: %o', (value, place) => {
    const plan = pipeline('p', { n: z.number() }).broadcast(['x', value], { as: 'none' })
    const say = () => plans.toToml(plan)
    expect(say).toThrow(expect.objectContaining({ code: 'INVALID_PLAN' }))
    expect(say).toThrow(`cannot be said in TOML: ${place}`)
  })

  it('[P8] says in JSON and TOML what has no end', () => {
    const retry = { attempts: 2, delay: 5, cap: Infinity }
    const cache = { ttl: Infinity }
    const plan = pipeline('p', { n: z.number() }).step(size, {
      with: () => 'x',
      retry,
      cache,
      timeout: Infinity,
    })
    const json: unknown = JSON.parse(JSON.stringify(plan))
    const known = { size, with: () => 'x' }
    const read = plans.fromJson(json, known)
    expect(read.toJSON()).toEqual(json)
    expect(plans.fromToml(plans.toToml(plan), known).toJSON()).toEqual(json)
    const longest = 2 ** 53 - 1
    const policy = { maxDelayMs: longest, timeoutMs: longest, cache: { ttlMs: longest } }
    expect(read.plan.nodes).toMatchObject([{ policy }])
  })

  it('runs a graph whose steps are in any order', async () => {
    const json = {
      pipeline: 'g',
      input: { n: 'number' },
      steps: [
        {
          graph: {
            steps: [
              { name: 'four', step: 'double', wire: '$two' },
              { name: 'two', step: 'double', wire: '$input.n' },
            ],
            output: { four: '$four', note: '$$' },
          },
        },
      ],
    }
    expect(await outputOf(plans.fromJson(json, registry), { n: 1 })).toEqual({ four: 4, note: '$' })
  })

  it('[P8] is loaded from a file, with the modules and workflows that it names', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'skein-plans-'))
    try {
      await writeFile(
        join(folder, 'words.mjs'),
        'export const lower = (row) => row.text.toLowerCase()\n',
      )
      await writeFile(join(folder, 'rewrite.json'), JSON.stringify(rewrite.document))
      const toml = `use = "words.mjs"\npipeline = "p"\ninput = { text = "string" }\n`
      await writeFile(join(folder, 'p.toml'), `${toml}[[steps]]\nmap = "lower"\n`)
      expect(await outputOf(await plans.load(join(folder, 'p.toml')), { text: 'ABC' })).toBe('abc')
      const json = {
        pipeline: 'q',
        input: { instruction: 'string' },
        steps: [{ workflow: './rewrite.json' }],
      }
      await writeFile(join(folder, 'q.json'), JSON.stringify(json))
      const loaded = await plans.load(join(folder, 'q.json'))
      expect(loaded.plan.nodes).toMatchObject([{ work: { workflow: { id: rewrite.id } } }])
      await writeFile(join(folder, 'bad.toml'), 'pipeline =')
      const twice = '{"pipeline":"p","steps":[{"parallel":{"x":"features","x":"mood"}}]}'
      await writeFile(join(folder, 'twice.json'), twice)
      await expect(plans.load(join(folder, 'twice.json'))).rejects.toThrow("has 'x' twice")
      await expect(plans.load(join(folder, 'bad.toml'))).rejects.toThrow('is no TOML')
      await expect(plans.load(join(folder, 'none.json'))).rejects.toThrow('cannot be read')
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})
