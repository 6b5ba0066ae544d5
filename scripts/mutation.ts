/**
 * `npm run mutation [-- answers schema/formats.ts …]`: changes the source of the workflow language in small ways, one at a time,
 * in a copy, and tells which changes no test notices. Fails below 85 % noticed.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installed } from './installed.ts'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const MUTATION = join(ROOT, 'mutation')
const REPORT = join(MUTATION, 'out/report.json')
const SOURCE = 'packages/workflows/src'
const LEAST = 85

/** The parts of the source, each with the tests that are there for it: all tests for each change would take hours. */
const PARTS: Readonly<Record<string, readonly [source: string, tests: string]>> = {
  answers: ['answers/*.ts', 'answers/*'],
  build: ['build/*.ts', 'build/*'],
  // Not its monsters: they take longer than all the others together.
  check: ['check/*.ts', 'check/{check,mended}*'],
  compile: ['compile/*.ts', 'document/* interpret/* build/builder* compile/*'],
  // Its schemas are made when it is loaded, so that each change of them runs all these tests: none that takes long.
  document: ['document/!(monster).ts', 'document/!(monster|parse-hostile)*'],
  dria: ['dria/*.ts', 'dria/*'],
  grammar: ['grammar/*.ts', 'grammar/*'],
  interpret: ['interpret/*.ts', 'interpret/* bounds'],
  monster: ['document/monster.ts', 'document/{monster,parse-hostile}*'],
  rehearse: ['rehearse/*.ts', 'rehearse/*'],
  schema: ['schema/*.ts', 'schema/*'],
  template: ['template.ts bounds.ts errors.ts records.ts', 'template* bounds errors dria/*'],
}

interface MutationReport {
  readonly files: Readonly<
    Record<string, { readonly mutants: readonly { readonly status: string }[] }>
  >
}

const NOTICED = new Set(['Killed', 'Timeout'])
const MISSED = new Set(['Survived', 'NoCoverage'])

const wanted = process.argv.slice(2)
const unknown = wanted.find((name) => partOf(name) === undefined)
if (unknown !== undefined) {
  console.error(
    `'${unknown}' is neither a part nor a file of ${SOURCE}; parts are ${Object.keys(PARTS).join(', ')}`,
  )
  process.exitCode = 2
} else if (!installed(MUTATION)) process.exitCode = 1
else mutate(wanted.length === 0 ? Object.keys(PARTS) : wanted)

function mutate(names: readonly string[]): void {
  let noticed = 0
  let all = 0
  for (const name of names) {
    const [source = '', tests = ''] = partOf(name) ?? []
    const statuses = mutatePart(source, tests)
    const found = statuses.filter((status) => NOTICED.has(status)).length
    const count = found + statuses.filter((status) => MISSED.has(status)).length
    console.log(`${name}: ${found} of ${count} changes noticed (${percent(found, count)} %)\n`)
    noticed += found
    all += count
  }
  console.log(`together: ${noticed} of ${all} changes noticed (${percent(noticed, all)} %)`)
  if (percent(noticed, all) < LEAST) process.exitCode = 1
}

/** What is changed, and the tests for it: of a whole part, or of one file of `packages/workflows/src`. */
function partOf(name: string): readonly [source: string, tests: string] | undefined {
  if (Object.hasOwn(PARTS, name)) return PARTS[name]
  const file = name.replace(`${SOURCE}/`, '')
  if (!existsSync(join(ROOT, SOURCE, file))) return undefined
  const [, tests] = PARTS[file.includes('/') ? dirname(file) : 'template'] ?? []
  return tests === undefined ? undefined : [file, tests]
}

/** What became of each change of a part. */
function mutatePart(source: string, tests: string): readonly string[] {
  const copies = mkdtempSync(join(tmpdir(), 'skein-mutation-'))
  mkdirSync(dirname(REPORT), { recursive: true })
  rmSync(REPORT, { force: true })
  try {
    const program = join(MUTATION, 'node_modules/@stryker-mutator/core/bin/stryker.js')
    spawnSync(
      process.execPath,
      [
        program,
        'run',
        'mutation/stryker.config.json',
        '--mutate',
        source
          .split(' ')
          .map((file) => `${SOURCE}/${file}`)
          .join(),
        '--tempDirName',
        copies,
      ],
      {
        cwd: ROOT,
        stdio: 'inherit',
        // CI: tests of random values try the same ones each time.
        env: { ...process.env, CI: 'true', MUTATION_TESTS: tests },
      },
    )
    const { files } = JSON.parse(readFileSync(REPORT, 'utf8')) as MutationReport
    return Object.values(files).flatMap(({ mutants }) => mutants.map(({ status }) => status))
  } finally {
    rmSync(copies, { recursive: true, force: true })
  }
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 100 : Math.floor((1000 * part) / whole) / 10
}
