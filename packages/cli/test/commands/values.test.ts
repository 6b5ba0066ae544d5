import { beforeAll, describe, expect, it, vi } from 'vitest'
import { programFolder } from '../program-folder.ts'

const folder = programFolder()
const { skein } = folder

beforeAll(() => folder.file('centered.mjs', CENTERED))

const STEPS = `import { chain, graph, step } from '@skein/client'
import { z } from 'zod'
const load = step({ name: 'load', input: z.string(), output: z.array(z.number()), run: (path) => [path.length] })
const size = step({ name: 'size', input: z.array(z.number()), output: z.number(), run: ([first]) => first })
const up = step({ name: 'up', input: z.string(), output: z.string(), run: (text) => text.toUpperCase() })
`
const CENTERED = `${STEPS}export const centered = graph('centered', { input: z.string() }, (g, path) => ({ size: g(size, g(load, path)) }))`

describe('a pipeline whose input is a value without a name', () => {
  it('[F9] is drawn', async () => {
    const { code, out } = await skein('graph', folder.at('centered.mjs'))
    expect(code).toBe(0)
    expect(out).toContain('load')
  })

  it('[F12] is checked: a chain that certainly fails is told, with a command that can be copied', async () => {
    const broken = await folder.file(
      'broken.mjs',
      `${STEPS}export const broken = chain('broken', load, up)`,
    )
    const { code, out } = await skein('check', broken)
    expect(code).toBe(1)
    expect(out).toContain('up')
    vi.stubEnv('npm_command', 'exec')
    const refused = await skein('run', broken, '--inputs', folder.at('values.jsonl'))
    vi.unstubAllEnvs()
    expect(refused.talk).toContain('Nothing was run. npx skein check broken.mjs lists')
    expect(await skein('check', folder.at('centered.mjs'))).toMatchObject({ code: 0, out: '' })
  })

  it('[F9] shows its prompts: where no step asks a model, that is said', async () => {
    const { code, talk } = await skein('preview', folder.at('centered.mjs'))
    expect({ code, talk }).toEqual({ code: 0, talk: 'centered.mjs: no step of it asks a model' })
  })

  it('[D33] runs on a file with a value as JSON in each line', async () => {
    const values = await folder.file('values.jsonl', '"ab"\n"abcd"\n')
    const home = folder.at('home')
    const program = folder.at('centered.mjs')
    const ended = await skein('run', program, '--inputs', values, '--home', home, '--json')
    expect(ended).toMatchObject({ code: 0 })
    expect(JSON.parse(ended.out)).toMatchObject({ output: [{ size: 2 }, { size: 4 }] })
  })

  it('[D33] says how it is given its values, and which line is none of them', async () => {
    const program = folder.at('centered.mjs')
    const help = 'It takes values: --inputs FILE, with a value as JSON in each line.'
    for (const args of [[], ['--input', 'path=ab']]) {
      const { code, talk } = await skein('run', program, ...args)
      expect(code).toBe(2)
      expect(talk).toContain(help)
    }
    const values = await folder.file('wrong.jsonl', '"ab"\n{"path":"ab"}\n')
    const { code, talk } = await skein('run', program, '--inputs', values)
    expect(code).toBe(2)
    expect(talk).toContain('line 2: expected string')
    expect(talk).toContain(help)
    const table = await folder.file('table.csv', 'path\nab\n')
    const tabular = await skein('run', program, '--inputs', table)
    expect(tabular.code).toBe(2)
    expect(tabular.talk).toContain('is a table, and the input has no names for its columns')
  })
})
