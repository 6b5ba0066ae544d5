/** `npm run bench`: installs what the benchmark needs in `bench/`, then runs it; `npm run bench -- micro` times the parts. */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const BENCH = join(dirname(dirname(fileURLToPath(import.meta.url))), 'bench')

const [first, ...rest] = process.argv.slice(2)
if (first === 'micro') {
  run('micro/run.ts', rest)
} else if (install()) {
  run('run.ts', process.argv.slice(2))
} else {
  console.error(`npm ci failed in ${BENCH}: the lines above say why.`)
  process.exitCode = 1
}

/** Whether the packages of bench's lockfile are there: installs them when they are not. */
function install(): boolean {
  const lock = createHash('sha256')
    .update(readFileSync(join(BENCH, 'package-lock.json')))
    .digest('hex')
  const stamp = join(BENCH, 'node_modules/.installed')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return true
  console.error(`Installing packages in ${BENCH} (once) …`)
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: BENCH,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (status !== 0) return false
  writeFileSync(stamp, lock)
  return true
}

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
