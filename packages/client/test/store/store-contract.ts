import { describe, expect, it } from 'vitest'
import type { CallRecord, Journal, Note, Store } from '../../src/store/store.ts'

/** A store as the suite needs it. */
export interface StoreScene extends AsyncDisposable {
  readonly store: Store
  /** Lets time pass for the store, in milliseconds. */
  pass(ms: number): void
}

/** How the store of a scene is made. */
export interface SceneOptions {
  readonly cacheSize?: number
}

export function record(key: string, rest: Partial<CallRecord> = {}): CallRecord {
  const origin = { node: 'a', peer: 'p', model: 'm', tokens: { input: 1, output: 2 }, ms: 1.5 }
  const call = { key, definition: 'workflow', input: { question: 'why' } }
  return { ...call, output: 'because', origin, attempts: 2, ...rest }
}

async function fill(journal: Journal, ...records: CallRecord[]): Promise<void> {
  for (const one of records) await journal.commit(one)
}

function circle(): object {
  const value = { list: [] as unknown[] }
  value.list = [1, value]
  return value
}

/** What every store must do. */
export function describeStore(
  name: string,
  create: (options?: SceneOptions) => Promise<StoreScene>,
): void {
  describe(`${name}: a journal`, () => {
    it('finds a call by its key, if it ran the same on the same', async () => {
      await using scene = await create()
      const journal = await scene.store.open('run')
      await fill(journal, record('0/ask'))
      expect(journal.find(record('0/ask'))).toEqual(record('0/ask'))
      expect(journal.find(record('0/ask', { input: { question: 'who' } }))).toBeUndefined()
      expect(journal.find(record('0/ask', { definition: 'another' }))).toBeUndefined()
      expect(journal.find(record('1/ask'))).toBeUndefined()
    })

    it('finds what was committed before it was on disk', async () => {
      await using scene = await create()
      const journal = await scene.store.open('run')
      const pending = journal.commit(record('0'))
      expect(journal.find(record('0'))?.output).toBe('because')
      await pending
      expect(journal.find(record('0'))?.output).toBe('because')
    })

    it('finds the latest record of a key', async () => {
      await using scene = await create()
      const journal = await scene.store.open('run')
      await fill(journal, record('0'), record('0', { input: 2, output: 'two' }))
      expect(journal.find(record('0'))).toBeUndefined()
      expect(journal.find(record('0', { input: 2 }))?.output).toBe('two')
    })

    it('gives back values as they were, whatever they are', async () => {
      await using scene = await create()
      const journal = await scene.store.open('run')
      const big = 'x'.repeat(10_000)
      const values = [
        null,
        undefined,
        0,
        -0,
        NaN,
        Infinity,
        false,
        '',
        12n,
        [undefined, 1],
        { a: undefined, b: [{ c: null }] },
        { $: ['date', 1] },
        { a: -0, b: [NaN, { c: 1n }], at: new Date(1) },
        { toJSON: 'is a name like others', ' "': ['\ud800', '"'.repeat(3000)] },
        { ['__proto__']: 1, $: 2 },
        new Date(1),
        new Map<unknown, unknown>([[{ a: 1 }, new Set([1, '1'])]]),
        new Uint8Array([0, 255]),
        {
          list: Array.from({ length: 500 }, (_, i) => ({ i, text: 'some text' })),
          big,
          twice: big,
        },
        '\u{1f986} \ud800 \u0000 "quoted"\n',
      ]
      await fill(journal, ...values.map((output, i) => record(`${i}`, { output })))
      await journal.close()
      const again = await scene.store.open('run')
      for (const [i, value] of values.entries()) {
        expect(again.find(record(`${i}`))?.output).toStrictEqual(value)
      }
    })

    it.each<[string, unknown, RegExp]>([
      ['a function', () => 1, /^a function cannot be recorded: only/],
      ['a symbol', { a: [Symbol('b')] }, /^a symbol cannot be recorded, at a\[0\]: only/],
      ['a class', [1, { 'b c': /d/ }], /^a RegExp cannot be recorded, at \[1\]\["b c"\]: only/],
      ['a method', { toJSON: () => 1 }, /^a function cannot be recorded, at toJSON: only/],
      ['in a map', new Map([[1, { a: () => 1 }]]), /^a function cannot be recorded: only/],
      ['a circle', circle(), /^a value that contains itself.* cannot be recorded, at list\[1\]: /],
      ['much', { list: Array.from({ length: 500 }, Object), last: () => 1 }, /, at last: only/],
    ])('[Q10] refuses what cannot be written, by its place: %s', async (_, value, message) => {
      await using scene = await create()
      const journal = await scene.store.open('run')
      const refused: unknown = expect.objectContaining({
        code: 'STORE_FAILED',
        message: expect.stringMatching(message) as unknown,
      })
      expect(() => journal.commit(record('0', { output: value }))).toThrow(refused)
      expect(() => journal.commit(record('0', { input: value }))).toThrow(refused)
      expect(() => journal.note({ kind: 'row', place: '0', value })).toThrow(refused)
      expect(journal.find(record('0'))).toBeUndefined()
      expect([...journal.notes('row')]).toEqual([])
      const notes = [{ kind: 'input', place: '0', value }] as const
      await expect(scene.store.open('other', {}, notes)).rejects.toEqual(refused)
      expect(await scene.store.runs.get('other')).toBeUndefined()
      await expect(scene.store.open('third', { context: { value } })).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        message: expect.stringMatching(
          /^the context of run 'third': .*, at context\.value/,
        ) as unknown,
      })
      expect(await scene.store.runs.get('third')).toBeUndefined()
    })

    it('finds again what was recorded when the run is taken up', async () => {
      await using scene = await create()
      const journal = await scene.store.open('run', { plan: 'haiku', seed: 3 })
      await fill(journal, record('0'), record('1'))
      await journal.close()
      const again = await scene.store.open('run')
      expect(again.find(record('1'))?.output).toBe('because')
    })

    it('tells runs apart', async () => {
      await using scene = await create()
      const one = await scene.store.open('one')
      const other = await scene.store.open('other')
      await fill(one, record('0'))
      expect(other.find(record('0'))).toBeUndefined()
    })

    it('lists keys by what they begin with', async () => {
      await using scene = await create()
      const journal = await scene.store.open('run')
      await fill(journal, record('1>b'), record('1>a'), record('10>c'), record('1'), record('2>a'))
      expect(journal.under('1>')).toEqual(['1>a', '1>b'])
    })

    it('keeps notes by kind and place, the last of each', async () => {
      await using scene = await create()
      const journal = await scene.store.open('run')
      await Promise.all([
        journal.note({ kind: 'input', place: '1', value: { a: 1 } }),
        journal.note({ kind: 'input', place: '0', value: 'old' }),
        journal.note({ kind: 'row', place: '0', value: 'row' }),
        journal.note({ kind: 'input', place: '0', value: 'new' }),
      ])
      const inputs = Array.from(journal.notes('input'), ({ place, value }) => [place, value])
      expect(Object.fromEntries(inputs)).toEqual({ 0: 'new', 1: { a: 1 } })
      expect(inputs).toHaveLength(2)
      expect([...journal.notes('metric')]).toEqual([])
    })

    it('[F15] keeps rows and failures of a run that is taken up until it has come to its end', async () => {
      await using scene = await create()
      const { store } = scene
      const journal = await store.open('run', {})
      for (const kind of ['row', 'failure', 'input'] as const) {
        void journal.note({ kind, place: '0', value: `old ${kind}` })
        void journal.note({ kind, place: '1', value: `old ${kind}` })
      }
      await journal.close()
      const seen = (kind: Note['kind']) => {
        const notes = Array.from(store.read('run')?.notes(kind) ?? [])
        const sorted = notes.toSorted((a, b) => Number(a.place) - Number(b.place))
        return sorted.map(({ place, value }) => [place, value])
      }
      await (await store.open('run')).close({ state: 'cancelled', endedAt: 1 })
      expect(seen('row')).toEqual([
        ['0', 'old row'],
        ['1', 'old row'],
      ])
      const again = await store.open('run')
      void again.note({ kind: 'row', place: '1', value: 'new row' })
      expect(seen('row')).toEqual([
        ['0', 'old row'],
        ['1', 'new row'],
      ])
      expect(seen('failure')).toHaveLength(2)
      again.supersede()
      await again.close({ state: 'done', endedAt: 2 })
      expect(seen('row')).toEqual([['1', 'new row']])
      expect(seen('failure')).toEqual([])
      expect(seen('input')).toHaveLength(2)
    })

    it('can be read while somebody is at the run', async () => {
      await using scene = await create()
      const journal = await scene.store.open('run')
      await fill(journal, record('0'))
      expect(scene.store.read('run')?.find(record('0'))?.output).toBe('because')
      expect(scene.store.read('nothing')).toBeUndefined()
    })
  })

  describe(`${name}: runs`, () => {
    it('are there from their beginning, with their head', async () => {
      await using scene = await create()
      const head = { project: 'p', plan: 'haiku', seed: 3, inputs: 'one', startedAt: 5 } as const
      const journal = await scene.store.open('run', head)
      const id = 'run'
      expect(await scene.store.runs.get('run')).toMatchObject({ ...head, id, state: 'running' })
      journal.tell({ done: 1 })
      const ending = { state: 'failed', endedAt: 7, error: { code: 'C', message: 'm' } } as const
      await journal.close(ending)
      const status = { done: 1 }
      expect(await scene.store.runs.get('run')).toEqual({ ...head, ...ending, id, status })
      expect(await scene.store.runs.get('nothing')).toBeUndefined()
    })

    it('that did not come to an end are interrupted', async () => {
      await using scene = await create()
      const journal = await scene.store.open('run', {})
      await journal.close()
      expect(await scene.store.runs.get('run')).toMatchObject({ state: 'interrupted' })
      const again = await scene.store.open('run')
      expect(await scene.store.runs.get('run')).toMatchObject({ state: 'running' })
      await again.close({ state: 'done', endedAt: 1 })
      expect(await scene.store.runs.get('run')).toMatchObject({ state: 'done' })
    })

    it('belong to one holder at a time', async () => {
      await using scene = await create()
      const journal = await scene.store.open('run')
      await expect(scene.store.open('run')).rejects.toMatchObject({ code: 'RUN_HELD' })
      await expect(scene.store.runs.remove('run')).rejects.toMatchObject({ code: 'RUN_HELD' })
      await journal.close()
      await (await scene.store.open('run')).close()
    })

    it('begin once', async () => {
      await using scene = await create()
      await (await scene.store.open('run', {})).close()
      await expect(scene.store.open('run', {})).rejects.toThrow(
        "run 'run' is there already; resume it",
      )
      await expect(scene.store.open('run', { project: 'B' })).rejects.toThrow(
        "run 'run' is there already, in project 'default'; choose another id",
      )
    })

    it('are listed by project, the latest first', async () => {
      await using scene = await create()
      for (const [id, project] of ['a', 'b', 'a', 'b'].entries()) {
        await scene.store.open(`${id}`, { project })
      }
      const ids = async (options: { project?: string; limit?: number }) =>
        (await scene.store.runs.list(options)).map((run) => run.id)
      expect(await ids({})).toEqual(['3', '2', '1', '0'])
      expect(await ids({ project: 'a' })).toEqual(['2', '0'])
      expect(await ids({ limit: 1 })).toEqual(['3'])
    })

    it('[X2] are listed without those that have come to an end, if that is asked for', async () => {
      await using scene = await create()
      const endings = { done: 'done', failed: 'failed', cancelled: 'cancelled' } as const
      for (const [id, state] of Object.entries(endings)) {
        const journal = await scene.store.open(id, { project: 'a' })
        await journal.close({ state, endedAt: START })
      }
      await scene.store.open('running', { project: 'a' })
      await (await scene.store.open('interrupted', { project: 'a' })).close()
      await (await scene.store.open('elsewhere', { project: 'b' })).close()
      const runs = await scene.store.runs.list({ project: 'a', unfinished: true })
      expect(runs.map(({ id, state }) => `${id} is ${state}`)).toEqual([
        'interrupted is interrupted',
        'running is running',
      ])
      const all = await scene.store.runs.list({ unfinished: true, limit: 2 })
      expect(all.map(({ id }) => id)).toEqual(['elsewhere', 'interrupted'])
    })

    it('are forgotten with all that they hold', async () => {
      await using scene = await create()
      const shared = 'x'.repeat(10_000)
      for (const id of ['one', 'other']) {
        const journal = await scene.store.open(id)
        await fill(journal, record('0', { output: shared }))
        await journal.close()
      }
      expect(await scene.store.runs.remove('one')).toBe(true)
      expect(await scene.store.runs.remove('one')).toBe(false)
      expect(scene.store.read('one')).toBeUndefined()
      expect(scene.store.read('other')?.find(record('0'))?.output).toBe(shared)
      const again = await scene.store.open('one')
      expect(again.find(record('0'))).toBeUndefined()
    })

    it('[F3] [F22] are forgotten with the answers that were cached for them alone', async () => {
      await using scene = await create()
      const { cache, runs } = scene.store
      const { output, origin } = record('')
      const entry = { key: 'k', step: 'ask', output, origin, ttlMs: undefined }
      for (const id of ['one', 'other']) {
        await (await scene.store.open(id)).close()
        cache.put({ ...entry, scope: `run ${id}` })
      }
      cache.put({ ...entry, scope: 'network' })
      await runs.remove('one')
      expect(cache.get('run one', 'k')).toBeUndefined()
      expect(cache.get('run other', 'k')?.output).toBe(output)
      expect(cache.get('network', 'k')?.output).toBe(output)
    })
  })
}

/** When the time of each store begins, in milliseconds since 1970. */
export const START = 1_000_000
