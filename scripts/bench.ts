/** `npm run bench`: installs what the benchmark needs in `bench/`, then runs it; `npm run bench -- micro|scale|types|duel` times the parts. */
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installed } from './installed.ts'

const BENCH = join(dirname(dirname(fileURLToPath(import.meta.url))), 'bench')

/** What needs no other system. */
const ALONE: ReadonlySet<string> = new Set(['micro', 'scale', 'types', 'duel'])

const [first, ...rest] = process.argv.slice(2)
if (first !== undefined && ALONE.has(first)) {
  run(`${first}/run.ts`, rest)
} else if (installed(BENCH)) run('run.ts', process.argv.slice(2))
else process.exitCode = 1

/** Runs a program of bench/ on the source of the packages. */
function run(program: string, args: readonly string[]): void {
  const child = spawn(
    process.execPath,
    ['--conditions=@skein/source', '--expose-gc', join(BENCH, program), ...args],
    { stdio: 'inherit' },
  )
  // The terminal sends Ctrl-C to the child as well: it stops its servers and ends first.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('exit', (code) => {
    process.exitCode = code ?? 1
  })
}
