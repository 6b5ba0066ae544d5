import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { run } from '../../src/main.ts'
import { recordTerminal } from '../recorded-terminal.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skein-save-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function skein(...argv: string[]) {
  const terminal = recordTerminal()
  const code = await run([...argv, '--home', folder], terminal)
  return { code, out: terminal.dataLines.join('\n'), talk: terminal.talkLines.join('\n') }
}

describe('skein run --save', () => {
  it('[D33] leaves the file as it was where it cannot hold the output, and names row and column', async () => {
    const file = join(folder, 'big.mjs')
    await writeFile(
      file,
      `import { pipeline, step } from '${import.meta.resolve('@skein/client')}'
import { z } from '${import.meta.resolve('zod')}'
const big = step({ name: 'big', input: z.number(), output: z.any(), run: (n) => ({ n, big: BigInt(n) }) })
export const ids = pipeline('ids', { n: z.number() }).map(({ n }) => n).step(big)
`,
    )
    const ids = (id: string, target: string) =>
      skein('run', file, '--id', id, '--input', 'n=1', '--save', target)
    const target = join(folder, 'kept.jsonl')
    await writeFile(target, 'as it was')
    const refused = await ids('refused', target)
    expect(refused.code).toBe(1)
    expect(refused.talk).toContain(
      `cannot write ${target}: row 1, big: JSON has no bigint; make it a number or a text`,
    )
    expect(refused.talk).toContain('runs export refused FILE')
    expect(await readFile(target, 'utf8')).toBe('as it was')
    const csv = join(folder, 'held.csv')
    const held = await ids('held', csv)
    expect(held.talk).not.toContain('cannot be printed')
    expect(held.code).toBe(0)
    expect(await readFile(csv, 'utf8')).toBe('n,big\n1,1\n')
  })

  it('[D33] of a run that fails keeps what is done, and says how to have it', async () => {
    const file = await program(
      'odd',
      "run: (n) => { if (n === 2) throw new RangeError('no'); return n }",
    )
    const inputs = join(folder, 'in.jsonl')
    await writeFile(inputs, '{"n":1}\n{"n":2}\n{"n":3}\n')
    const target = join(folder, 'out.jsonl')
    const argv = ['run', file, '--id', 'r', '--inputs', inputs, '--save', target]
    const { code, out, talk } = await skein(...argv)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(talk).toMatch(/Nothing is lost: 2 rows done; .*runs export r FILE --home .* saves them/)
    expect(talk).toContain('; run r')
    await skein('runs', 'export', 'r', target)
    expect(await readFile(target, 'utf8')).toBe('1\n3\n')
  })

  it('[D33] is refused before anything runs where the file cannot be written, or takes the bad rows as well', async () => {
    const file = await program('plain', 'run: (n) => n')
    const target = join(folder, 'both.jsonl')
    const inputs = join(folder, 'in.jsonl')
    await writeFile(inputs, '{"n":1}\n')
    const both = ['--inputs', inputs, '--failures', `${folder}/./both.jsonl`, '--save', target]
    const same = await skein('run', file, ...both)
    expect(same.code).toBe(2)
    expect(same.talk).toContain('--failures and --save are the same file')
    await mkdir(target)
    const taken = await skein('run', file, '--input', 'n=1', '--save', target)
    expect(taken.code).toBe(2)
    expect(taken.talk).toContain(`cannot write ${target}: it is a folder`)
    expect((await skein('runs', 'list')).talk).toContain('Nothing was run yet')
  })
})

/** A file with a pipeline of one step, which fails no run by itself unless a row fails. */
async function program(name: string, behaviour: string): Promise<string> {
  const file = join(folder, `${name}.mjs`)
  await writeFile(
    file,
    `import { pipeline, step } from '${import.meta.resolve('@skein/client')}'
import { z } from '${import.meta.resolve('zod')}'
const work = step({ name: 'work', input: z.number(), output: z.any(), ${behaviour} })
export const plan = pipeline('plan', { n: z.number() }).map(({ n }) => n).step(work, { minSuccessRatio: 1 })
`,
  )
  return file
}
