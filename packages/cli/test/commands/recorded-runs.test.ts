import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { run } from '../../src/main.ts'
import { recordTerminal } from '../recorded-terminal.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skein-recorded-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function skein(...argv: string[]) {
  const terminal = recordTerminal()
  const code = await run([...argv, '--home', folder], terminal)
  return { code, out: terminal.dataLines.join('\n'), talk: terminal.talkLines.join('\n') }
}

describe('skein runs export', () => {
  it('[D33] saves the list that one input gave as its elements, as --save does, and a row that is a list as a row', async () => {
    const file = join(folder, 'lists.mjs')
    await writeFile(
      file,
      `import { pipeline } from '${import.meta.resolve('@skein/client')}'
import { z } from '${import.meta.resolve('zod')}'
const upTo = ({ n }) => Array.from({ length: n }, (_, i) => ({ i }))
export const list = pipeline('list', { n: z.number() }).map(upTo)
export const lists = pipeline('lists', { n: z.number() }).callback(([{ output }]) => [upTo(output)])
`,
    )
    const inputs = join(folder, 'rows.jsonl')
    await writeFile(inputs, '{"n":2}\n')
    const [exported, saved] = [join(folder, 'exported.jsonl'), join(folder, 'saved.jsonl')]
    let runs = 0
    const both = async (name: string, ...given: string[]) => {
      const id = `run-${++runs}`
      await skein('run', file, '--export', name, '--id', id, ...given, '--save', saved)
      const { talk } = await skein('runs', 'export', id, exported)
      const text = await readFile(exported, 'utf8')
      expect(text).toBe(await readFile(saved, 'utf8'))
      return { talk, text }
    }
    expect(await both('list', '--input', 'n=2')).toEqual({
      talk: `${exported}: 2 rows`,
      text: '{"i":0}\n{"i":1}\n',
    })
    expect((await both('list', '--input', 'n=0')).text).toBe('')
    expect((await both('list', '--inputs', inputs)).text).toBe('[{"i":0},{"i":1}]\n')
    expect((await both('lists', '--input', 'n=2')).text).toBe('[{"i":0},{"i":1}]\n')
  })
})
