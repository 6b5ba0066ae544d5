import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { afterAll, describe, expect, it } from 'vitest'

const RUN = resolve(import.meta.dirname, '../../bench/run.ts')
const folder = mkdtempSync(join(tmpdir(), 'skein-bench-'))

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Runs the benchmark with these options and reads what it recorded. */
async function bench(options: string): Promise<{ cells: unknown[]; printed: string }> {
  const out = join(folder, 'results.jsonl')
  const quick = ['--runs', '1', '--workers', '2', '--warm', '0', '--quiet', '0', '--out', out]
  const child = spawn(process.execPath, [
    '--conditions=@skein/source',
    RUN,
    ...quick,
    ...options.split(' '),
  ])
  let printed = ''
  child.stdout.on('data', (data: Buffer) => (printed += data.toString()))
  const code = await new Promise((done) => child.once('exit', done))
  if (code !== 0) throw new Error(`the benchmark ended with ${String(code)}`)
  const lines = readFileSync(out, 'utf8').trim().split('\n')
  return { cells: lines.map((line): unknown => JSON.parse(line)), printed }
}

// It reads CPU time from /proc.
describe.runIf(process.platform === 'linux')('the benchmark', () => {
  it('takes every task to a worker and back, once and right, and prints the figures', async () => {
    const { cells, printed } = await bench('--peers skein,rawtcp --scenarios sleep --scale 0.02')
    const cell = { outcome: 'ok', tasks: 24, done: 24, wrong: 0, duplicates: 0 }
    expect(cells).toMatchObject([
      { peer: 'skein', ...cell },
      { peer: 'rawtcp', ...cell },
    ])
    expect(printed).toMatch(/### sleep, 2 workers/)
    expect(printed).toMatch(/skein, efficiency, sleep/)
  })

  it('sees tasks survive the end of a worker', async () => {
    const { cells } = await bench('--peers skein --scenarios kill --scale 0.02')
    expect(cells).toMatchObject([
      { outcome: 'ok', tasks: 80, done: 80, wrong: 0, duplicates: 0, faults: { lost: 0 } },
    ])
  })
})
