import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
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
})
