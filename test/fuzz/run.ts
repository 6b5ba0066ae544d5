/** `npm run fuzz -- workflow|template|answer|toolcall [--count N] [--seed S]`: reads made inputs until one fails. */
import { createHash, randomInt } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { campaign, type Failure } from './campaign.ts'
import { TARGETS } from './targets.ts'

const FOUND = join(import.meta.dirname, 'found')

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { count: { type: 'string', default: '100000' }, seed: { type: 'string' } },
})
const count = Number(values.count)
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed)
const names = positionals.length === 0 ? Object.keys(TARGETS) : positionals
const unknown = names.find((name) => !Object.hasOwn(TARGETS, name))
if (unknown !== undefined || !Number.isInteger(count) || !Number.isInteger(seed)) {
  write(`usage: npm run fuzz -- [${Object.keys(TARGETS).join('|')}] [--count N] [--seed S]\n`)
  process.exitCode = 2
} else for (const name of names) fuzz(name)

function fuzz(name: string): void {
  const target = TARGETS[name]
  if (target === undefined) return
  const start = performance.now()
  const report = campaign(target, {
    count,
    seed,
    onProgress: (done) => process.stderr.isTTY && process.stderr.write(`\r${name}: ${done} `),
  })
  const seconds = ((performance.now() - start) / 1000).toFixed(0)
  write(
    `${name}: ${report.inputs} inputs (${report.kilobytes} KB, ${report.accepted} accepted) with seed ${seed} in ${seconds} s; ` +
      `${report.failures.length} failures; slowest ${report.worst.msPerKb.toFixed(2)} ms per KB: ${shown(report.worst.input)}\n`,
  )
  for (const failure of report.failures) write(`  ${failure.reason}: ${keep(name, failure)}\n`)
  if (report.failures.length > 0) process.exitCode = 1
}

/** Writes an input where it can be looked at; once it is mended it belongs in `seeds/`. */
function keep(name: string, { input }: Failure): string {
  mkdirSync(FOUND, { recursive: true })
  const hash = createHash('sha256').update(input).digest('hex').slice(0, 12)
  const file = join(FOUND, `${name}-${hash}.txt`)
  writeFileSync(file, input)
  return file
}

function shown(input: string): string {
  return JSON.stringify(input.length > 100 ? `${input.slice(0, 100)}…` : input)
}

function write(text: string): void {
  process.stdout.write(text)
}
