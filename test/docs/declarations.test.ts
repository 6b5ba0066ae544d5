import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { ROOT } from './fences.ts'

const folder = mkdtempSync(join(tmpdir(), 'skein-declarations-'))

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** A library's own: what it exports is declared for others, by names that it can import. */
const SETTINGS = {
  extends: join(ROOT, 'tsconfig.base.json'),
  compilerOptions: {
    noEmit: true,
    declaration: true,
    composite: false,
    incremental: false,
    declarationMap: false,
    tsBuildInfoFile: null,
    rootDir: null,
    typeRoots: [join(ROOT, 'node_modules/@types')],
  },
  include: ['*.ts'],
}

const LIBRARY = `
import { chain, graph, pipeline, step, type Pipeline, type Step, type StepContext, type Store, type AnyRunnable } from '@skein/client'
import { WorkflowBuilder } from '@skein/workflows'
import { z } from 'zod'

export const half = step({
  name: 'half',
  input: z.object({ n: z.number() }),
  output: z.number(),
  context: z.object({ by: z.number() }),
  run: ({ n }, { context }) => n / context.by,
})
export const judge = new WorkflowBuilder('judge', { n: z.number() })
  .generativeStep({ id: 'word', prompt: 'About {{n}}' })
  .setReturnValue('word')
  .build()
const start = pipeline('start', { n: z.number(), list: z.array(z.string()) })
export const column = start.step(half, { as: 'half' })
export const perhaps = start.step(judge, { as: 'word', when: ({ n }) => n > 1 })
export const split = start.scatter('list').broadcast(['a', 'b'], { as: 'letter' }).aggregate()
export const beside = start.parallel({ half, word: (rows) => rows.step(judge) })
export const collected = start.parallel({ half }, { onError: 'collect' })
export const both = start.parallel(
  { half },
  { combined: z.object({ half: z.number() }), as: 'all', each: true },
)
export const given = column.withContext({ by: 2 })
export const wired = graph(
  'wired',
  { input: { n: z.number() }, context: z.object({ by: z.number() }) },
  (add, input) => ({ half: add(half, input), word: add(judge, input, { when: () => true }) }),
)
export const inner = start.pipe(pipeline('inner', { n: z.number(), list: z.array(z.string()) }).step(half, { as: 'half' }))
export const linked = <T extends AnyRunnable>(first: T) => chain('linked', first)
export const entering = <S extends z.ZodObject>(input: S) => graph('entering', { input }, (_, all) => all)
export const needing = <S extends z.ZodObject>(context: S) =>
  step({ name: 'needing', input: z.string(), output: z.string(), context, run: (text) => text })
export const each = <K extends 'list'>(rows: Pipeline<{ list: string[] }, { [P in K]: string[] }>, name: K) =>
  rows.map((row) => row[name]).scatter()
export const planOf = ({ plan }: Pipeline<unknown, unknown>) => plan
export const meansOf = ({ means }: Step<never, unknown>) => means
export const mapOf = ({ map }: StepContext) => map
export const runsOf = ({ runs }: Store) => runs
`

describe('a module that exports pipelines', () => {
  it('[B8] can be declared: what their types refer to can be named by whoever imports the package', () => {
    writeFileSync(join(folder, 'library.ts'), LIBRARY)
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(SETTINGS))
    symlinkSync(join(ROOT, 'docs/node_modules'), join(folder, 'node_modules'), 'junction')
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc')
    const { stdout } = spawnSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8' })
    expect(stdout).toBe('')
  })
})
