import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createSqliteStore } from '@skein/client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { run } from '../../src/main.ts'
import { recordTerminal } from '../recorded-terminal.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skein-runs-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function skein(...argv: string[]) {
  const terminal = recordTerminal()
  const code = await run([...argv, '--home', folder], terminal)
  return { code, out: terminal.dataLines.join('\n'), talk: terminal.talkLines.join('\n') }
}

/** A pipeline without models: `slip` throws on the third row. */
async function plan(name: string, { factor = 2, slip = false } = {}): Promise<string> {
  const file = join(folder, name)
  const use = join(folder, `${name}.mjs`)
  const client = import.meta.resolve('@skein/client')
  const zod = import.meta.resolve('zod')
  await writeFile(
    use,
    `import { pipeline, step } from '${client}'
import { z } from '${zod}'
const times = step({ name: 'times', version: '${factor}', input: z.number(), output: z.number(),
  run: (n) => { if (${slip} && n === 3) throw new RangeError('slipped'); return n * ${factor} } })
const plus = step({ name: 'plus', input: z.number(), output: z.number(), run: (n) => n + 1 })
export const sums = pipeline('sums', { n: z.number() }).map(({ n }) => n).step(times).step(plus)
export const other = pipeline('other', { n: z.number() }).map(({ n }) => n).step(plus)
`,
  )
  await rm(file, { force: true })
  return use
}

/** A pipeline whose second branch has that step. */
async function nested(name: string, branch: string): Promise<string> {
  const file = join(folder, name)
  const client = import.meta.resolve('@skein/client')
  const zod = import.meta.resolve('zod')
  await writeFile(
    file,
    `import { pipeline, step } from '${client}'
import { z } from '${zod}'
const only = ({ n }) => n
const one = step({ name: 'one', input: z.number(), output: z.number(), run: (n) => n + 1 })
const two = step({ name: 'two', input: z.number(), output: z.number(), run: (n) => n + 2 })
const inner = pipeline('inner', { n: z.number() }).map(only).step(one).step(one)
export const sums = pipeline('sums', { n: z.number() })
  .parallel({ inner, side: (rows) => rows.map(only).step(${branch}) })
`,
  )
  return file
}

async function rows(...numbers: number[]): Promise<string> {
  const file = join(folder, 'rows.jsonl')
  await writeFile(file, numbers.map((n) => JSON.stringify({ n })).join('\n'))
  return file
}

async function runSums(id: string, file: string, ...more: string[]) {
  return skein('run', file, '--export', 'sums', '--id', id, ...more)
}

describe('skein runs', () => {
  it('[D28] lists and removes a run that is damaged, and tells of it', async () => {
    const file = await plan('a')
    await runSums('sound', file, '--input', 'n=1')
    await runSums('torn', file, '--input', 'n=1', '--project', 'birds')
    const database = new DatabaseSync(join(folder, 'runs.db'))
    database.exec("update run set head = replace(head, 'sums', 'suns') where id = 'torn'")
    database.close()
    const list = JSON.parse((await skein('runs', 'list', '--json')).out) as unknown
    expect(list).toMatchObject([
      { id: 'torn', state: 'damaged', project: 'birds', rows: 0 },
      { id: 'sound', state: 'done', rows: 1 },
    ])
    expect((await skein('runs', 'list')).out).toContain('damaged')
    const shown = await skein('runs', 'show', 'torn')
    expect(shown.code).toBe(1)
    expect(shown.talk).toContain('the run can only be removed')
    expect((await skein('doctor')).out).toContain('skein runs remove torn')
    expect((await skein('runs', 'remove', 'torn')).code).toBe(0)
    expect((await skein('runs', 'list')).out).not.toContain('torn')
    expect((await skein('doctor')).out).toContain('1 recorded')
  })

  it('[D28] says that nothing was run, then lists what was, the latest first, by project', async () => {
    expect(await skein('runs', 'list', '--json')).toMatchObject({ code: 0, out: '[]' })
    expect((await skein('runs', 'list')).talk).toContain('Nothing was run yet')
    const file = await plan('a')
    await runSums('one', file, '--input', 'n=1')
    await runSums('two', file, '--inputs', await rows(1, 2), '--project', 'birds')
    const list = JSON.parse((await skein('runs', 'list', '--json')).out) as unknown
    expect(list).toMatchObject([
      { id: 'two', project: 'birds', plan: 'sums', state: 'done', rows: 2, failed: 0 },
      { id: 'one', project: 'default', rows: 1 },
    ])
    expect((await skein('runs', 'list', '--project', 'birds')).out).not.toMatch(/^one/m)
    expect((await skein('runs', 'list')).out).toMatch(/^RUN +STATE.*\ntwo +done +sums /)
  })

  it('[D28] shows what a run did, what failed and how to go on', async () => {
    const file = await plan('a', { slip: true })
    const first = await runSums('one', file, '--inputs', await rows(1, 2, 3))
    expect(first.code).toBe(1)
    const { out } = await skein('runs', 'show', 'one')
    expect(out).toMatch(/^one is failed: /)
    expect(out).toContain(`source    ${file}#sums`)
    expect(out).toMatch(/times +2 +1 +0/)
    expect(out).toContain('times, input 3, 1 attempt: ')
    expect(out).toContain('skein runs resume one')
    const json = JSON.parse((await skein('runs', 'show', 'one', '--json')).out) as unknown
    expect(json).toMatchObject({ state: 'failed', inputs: 3, failures: [{ step: 'times' }] })
    expect(await skein('runs', 'show', 'none')).toMatchObject({
      code: 2,
      talk: "error: there is no run 'none'\nskein runs list shows those there are.",
    })
  })

  it('[F15] resumes and reruns by the recorded file, or by another that is named', async () => {
    await runSums('one', await plan('a', { slip: true }), '--inputs', await rows(1, 2, 3))
    const mended = await plan('b')
    const resumed = await skein(
      'runs',
      'resume',
      'one',
      '--file',
      mended,
      '--export',
      'sums',
      '--json',
    )
    expect(JSON.parse(resumed.out)).toMatchObject({ output: [3, 5, 7] })
    const again = await skein(
      'runs',
      'rerun',
      'one',
      '--file',
      mended,
      '--export',
      'sums',
      '--from',
      'plus',
      '--id',
      'again',
      '--json',
    )
    expect(JSON.parse(again.out)).toMatchObject({ id: 'again', stats: { cached: 3 } })
    expect((await skein('runs', 'show', 'again')).out).toContain('again     of one, anew: plus')
    const wrong = await skein('runs', 'resume', 'one', '--file', mended, '--export', 'other')
    expect(wrong).toMatchObject({ code: 2 })
    expect(wrong.talk).toContain("run 'one' is one of 'sums', not of 'other'")
  })

  it('[X2] says that only its program can go on with a run that recorded no file', async () => {
    const store = createSqliteStore(join(folder, 'runs.db'))
    await (await store.open('mine', { plan: 'sums' })).close()
    await store[Symbol.asyncDispose]()
    const { code, talk } = await skein('runs', 'resume', 'mine')
    expect(code).toBe(2)
    expect(talk).toMatch(/was made by a program.*\n.*client\.resume\('mine', plan\).*--file FILE/)
    expect(await skein('runs', 'cancel', 'mine')).toMatchObject({ code: 0, out: 'mine: cancelled' })
    expect(await skein('runs', 'cancel', 'mine')).toMatchObject({
      code: 1,
      talk: "error: run 'mine' does not run: it is cancelled",
    })
  })

  it('[F15] compares plan, inputs and counts of two runs', async () => {
    await runSums('one', await plan('a'), '--inputs', await rows(1, 2))
    await runSums('two', await plan('b', { factor: 3 }), '--inputs', await rows(1, 5, 6))
    const { out } = await skein('runs', 'diff', 'one', 'two', '--json')
    expect(JSON.parse(out)).toMatchObject({
      runs: ['one', 'two'],
      plan: [{ kind: 'change', step: 'times' }],
      inputs: { same: false, counts: [2, 3], changed: 2 },
      counts: { rows: [2, 3] },
    })
    await runSums('three', await plan('c'), '--inputs', await rows(1, 2))
    const moved = await skein('runs', 'diff', 'one', 'three')
    expect(moved.out).toContain('plan      same\n')
    const same = await skein('runs', 'diff', 'one', 'one')
    expect(same.out).toContain('plan      same\ninputs    same 2\n')
  })

  it('[F14] compares plans down to the steps of branches and of plans in plans', async () => {
    await runSums('one', await nested('one.mjs', 'one'), '--input', 'n=1')
    await runSums('two', await nested('two.mjs', 'two'), '--input', 'n=1')
    const { out } = await skein('runs', 'diff', 'one', 'two', '--json')
    expect(JSON.parse(out)).toMatchObject({
      plan: [
        { kind: 'remove', step: 'parallel.side/one' },
        { kind: 'add', step: 'parallel.side/two' },
      ],
    })
  })

  it('[F15] refuses the name of a run that is there, and says what can be done', async () => {
    const file = await plan('a')
    await runSums('one', file, '--input', 'n=1')
    const { code, talk } = await runSums('one', file, '--input', 'n=2')
    expect(code).toBe(2)
    expect(talk).toMatch(/there is a run 'one' already; it is done\n.*runs resume one goes on/)
    expect((await skein('runs', 'show', 'one')).out).toContain('is done')
  })

  it('[F15] goes on where the run was begun: on this machine alone, or on the network', async () => {
    const file = await plan('a')
    const { talk } = await runSums('alone', file, '--input', 'n=1', '--local')
    // Nothing of it asks a model: which one would answer is nobody's business.
    expect(talk).not.toContain('model')
    await runSums('shared', file, '--input', 'n=1')
    for (const [id, where] of Object.entries({ alone: 'sums (--local)', shared: 'sums' })) {
      const { code } = await skein('runs', 'rerun', id, '--id', `${id}-again`)
      expect(code).toBe(0)
      const { out } = await skein('runs', 'show', `${id}-again`)
      expect(out.split('\n')).toContain(`source    ${file}#${where}`)
    }
  })

  it('[D33] exports rows to a file by its ending, and forgets a run', async () => {
    const file = await plan('a')
    await runSums('one', file, '--inputs', await rows(1, 2))
    const target = join(folder, 'out.csv')
    expect(await skein('runs', 'export', 'one', target)).toMatchObject({ code: 0 })
    expect(await readFile(target, 'utf8')).toBe('value\n3\n5\n')
    const wrong = await skein('runs', 'export', 'one', join(folder, 'out.txt'))
    expect(wrong).toMatchObject({ code: 2 })
    expect(wrong.talk).toContain('.jsonl, .csv or .parquet')
    expect(await skein('runs', 'remove', 'one')).toMatchObject({ code: 0 })
    expect((await skein('runs', 'list', '--json')).out).toBe('[]')
    expect(await skein('runs', 'remove', 'one')).toMatchObject({ code: 2 })
  })

  it('[D33] --save writes the output instead of printing it, and refuses a bad place before it runs', async () => {
    const file = await plan('a')
    const target = join(folder, 'out.jsonl')
    const { code, out } = await runSums('one', file, '--input', 'n=4', '--save', target)
    expect({ code, out }).toEqual({ code: 0, out: '' })
    expect(await readFile(target, 'utf8')).toBe('9\n')
    const nowhere = await runSums('two', file, '--input', 'n=4', '--save', join(folder, 'no/o.csv'))
    expect(nowhere.code).toBe(2)
    expect((await skein('runs', 'show', 'two')).code).toBe(2)
  })

  it('[D33] leaves out rows that are wrong, where --failures takes them, and says so', async () => {
    const file = await plan('a')
    const mixed = join(folder, 'mixed.jsonl')
    await writeFile(mixed, '{"n":1}\n{"n":"x"}\n{"n":2}\n')
    const refused = await runSums('one', file, '--inputs', mixed)
    expect(refused.code).toBe(2)
    expect(refused.talk).toContain('--failures FILE leaves such rows out')
    const bad = join(folder, 'bad.jsonl')
    const { code, out, talk } = await runSums('one', file, '--inputs', mixed, '--failures', bad)
    expect({ code, out }).toEqual({ code: 4, out: '3\n5' })
    expect(talk).toContain(`1 row left out: ${bad} says why`)
    const alone = await runSums('two', file, '--input', 'n=1', '--failures', bad)
    expect(alone.code).toBe(2)
  })

  it('[F15] takes the context of a run, and another one when it is done again', async () => {
    const file = join(folder, 'taxed.mjs')
    await writeFile(
      file,
      `import { pipeline, step } from '${import.meta.resolve('@skein/client')}'
import { z } from '${import.meta.resolve('zod')}'
const taxed = step({ name: 'taxed', input: z.number(), output: z.string(),
  context: z.object({ rate: z.number(), currency: z.string() }),
  run: (n, { context }) => n * context.rate + context.currency })
export const prices = pipeline('prices', { n: z.number() }).map(({ n }) => n).step(taxed)
`,
    )
    const without = await skein('run', file, '--input', 'n=2', '--id', 'none')
    expect(without.code).toBe(2)
    expect(without.talk).toContain('Give it: --context name=value')
    const context = ['--context', 'rate=3', '--context', 'currency=EUR']
    const first = await skein('run', file, '--input', 'n=2', '--id', 'one', ...context)
    expect(first).toMatchObject({ code: 0, out: '6EUR' })
    const again = await skein('runs', 'rerun', 'one', '--context', 'rate=4', '--id', 'two')
    expect(again).toMatchObject({ code: 0, out: '8EUR' })
    for (const wrong of [
      ['--context', 'rate'],
      [...context, '--context', 'rate=4'],
      [...context, '--context', 'rat=4'],
      ['--context', 'rate=9007199254740993'],
    ]) {
      const { code, talk } = await skein('run', file, '--input', 'n=2', ...wrong)
      expect(code).toBe(2)
      expect(talk).toMatch(
        /expected name=value|given twice|beyond 2\^53|takes a context "rat". Did you mean rate?/,
      )
    }
  })

  it('[F15] goes on with a run that is done without a node, and says what was recorded', async () => {
    const file = await plan('a')
    await runSums('one', file, '--inputs', await rows(1, 2))
    const { code, talk } = await skein('runs', 'resume', 'one', '--wait-for-nodes', '1')
    expect(code).toBe(0)
    expect(talk).toContain('4 tasks (4 recorded before), ')
    const taken = await skein('runs', 'rerun', 'one', '--id', 'one')
    expect(taken.code).toBe(2)
    expect(taken.talk).toContain("there is a run 'one' already")
  })

  it('refuses two files of inputs', async () => {
    const file = await plan('a')
    const { code, talk } = await runSums('one', file, '--inputs', 'a.jsonl', '--inputs', 'b.jsonl')
    expect(code).toBe(2)
    expect(talk).toContain('--inputs is given twice: a.jsonl and b.jsonl')
  })
})
