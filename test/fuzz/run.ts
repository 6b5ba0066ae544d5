/**
 * `npm run fuzz -- workflow|template|answer|toolcall [--count N] [--seed S]`: reads made inputs until one fails.
 * `npm run fuzz -- workflow --replay FILE`: reads one input again, with what was thrown.
 */
import { createHash, randomInt } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { campaign, replay, type Failure } from './campaign.ts'
import { TARGETS } from './targets.ts'

const FOUND = join(import.meta.dirname, 'found')

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '100000' },
    seed: { type: 'string' },
    replay: { type: 'string' },
  },
})
const count = Number(values.count)
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed)
const names = positionals.length === 0 ? Object.keys(TARGETS) : positionals
const unknown = names.find((name) => !Object.hasOwn(TARGETS, name))
const isVague = values.replay !== undefined && positionals.length !== 1
if (unknown !== undefined || isVague || !Number.isInteger(count) || !Number.isInteger(seed)) {
  const targets = Object.keys(TARGETS).join('|')
  write(`usage: npm run fuzz -- [${targets}] [--count N] [--seed S]\n`)
  write(`       npm run fuzz -- ${targets} --replay FILE\n`)
  process.exitCode = 2
} else if (values.replay !== undefined) readAgain(names[0] ?? '', values.replay)
else for (const name of names) fuzz(name)

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
  for (const failure of report.failures) {
    const file = keep(name, failure)
    write(`  ${failure.reason}\n    npm run fuzz -- ${name} --replay ${file}\n`)
  }
  if (report.failures.length > 0) process.exitCode = 1
}

function readAgain(name: string, file: string): void {
  const target = TARGETS[name]
  if (target === undefined) return
  if (!existsSync(file)) {
    write(`there is no file ${file}\n`)
    process.exitCode = 2
    return
  }
  const { outcome, msPerKb, error } = replay(target, readFileSync(file, 'utf8'))
  write(`${name}: ${file}: ${outcome}, ${msPerKb.toFixed(2)} ms per KB\n`)
  if (error instanceof Error) write(`${outcome === 'refused' ? error.message : error.stack}\n`)
  if (outcome !== 'accepted' && outcome !== 'refused') process.exitCode = 1
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
