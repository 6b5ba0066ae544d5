import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSqliteStore } from '@skein/client'
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

/** Runs of these ids, the last of them the latest. */
async function record(ids: readonly string[]): Promise<void> {
  await using store = createSqliteStore(join(folder, 'runs.db'))
  for (const id of ids) await (await store.open(id, { plan: 'haiku' })).close()
}

/** Those of them that are listed. */
function idsIn(out: string): string[] {
  return out.split('\n').flatMap((line) => /^[abc]\b/.exec(line) ?? [])
}

describe('skein runs list', () => {
  it('[D28] says that there are older ones, and lists as many as are asked for', async () => {
    await record(['a', 'b', 'c'])
    const two = await skein('runs', 'list', '--limit', '2')
    expect(idsIn(two.out)).toEqual(['c', 'b'])
    expect(two.talk).toBe('… and older ones: --limit 4 lists more')
    const all = await skein('runs', 'list', '--limit', '3')
    expect({ ids: idsIn(all.out), talk: all.talk }).toEqual({ ids: ['c', 'b', 'a'], talk: '' })
    const json = await skein('runs', 'list', '--limit', '2', '--json')
    expect(JSON.parse(json.out)).toMatchObject([{ id: 'c' }, { id: 'b' }])
    for (const limit of ['0', 'all', '1.5']) {
      expect(await skein('runs', 'list', '--limit', limit)).toMatchObject({ code: 2, out: '' })
    }
  })

  it('[D28] lists the latest 200 where nothing is said, and tells whether that is all', async () => {
    await record(Array.from({ length: 200 }, (_, index) => `run-${index}`))
    expect(await skein('runs', 'list')).toMatchObject({ code: 0, talk: '' })
    await record(['another'])
    const { out, talk } = await skein('runs', 'list')
    expect(out.split('\n')).toHaveLength(1 + 200)
    expect(out).not.toContain('run-0 ')
    expect(talk).toBe('… and older ones: --limit 400 lists more')
  })
})
