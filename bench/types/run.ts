/** Times the compiler on a long workflow: `npm run bench -- types`. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { markdown } from '../harness/report.ts'
import { chain, nothing } from './program.ts'

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const FOLDER = join(ROOT, 'bench/out/types')
/** The machine has other things to do: the fastest of so many runs counts. */
const ROUNDS = 5
const AIM_SECONDS = 1.5

const PROGRAMS: readonly (readonly [name: string, source: string])[] = [
  ['nothing', nothing()],
  ['chain', chain()],
]

const workflows = join(ROOT, 'packages/workflows')
mkdirSync(FOLDER, { recursive: true })
for (const [name, source] of PROGRAMS) {
  writeFileSync(join(FOLDER, `${name}.ts`), source)
  writeFileSync(join(FOLDER, `${name}.json`), JSON.stringify(settingsFor(`${name}.ts`)))
}
const seconds = new Map<string, number>()
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name] of PROGRAMS) {
    seconds.set(name, Math.min(check(name), seconds.get(name) ?? Infinity))
  }
}
const [empty = 0, long = 0] = [...seconds.values()]
const rows = [
  ['a file with the imports only', empty.toFixed(2), ''],
  ['a workflow of 30 steps with prompts of 5 KB', long.toFixed(2), ''],
  ['what the workflow adds', (long - empty).toFixed(2), `≤ ${AIM_SECONDS}`],
]
console.log(`### types\n\n${markdown(['what tsc checks', 'seconds', 'aim'], rows)}`)

function settingsFor(file: string): object {
  return {
    extends: join(ROOT, 'tsconfig.base.json'),
    compilerOptions: {
      noEmit: true,
      composite: false,
      incremental: false,
      declarationMap: false,
      rewriteRelativeImportExtensions: false,
      allowImportingTsExtensions: true,
      rootDir: ROOT,
      types: [],
      paths: {
        '@skein/workflows': [join(workflows, 'src/index.ts')],
        zod: [join(workflows, 'node_modules/zod/index.d.ts')],
      },
    },
    files: [file],
  }
}

/** Seconds that the compiler takes for a program. */
function check(name: string): number {
  const start = performance.now()
  const { stdout } = spawnSync('tsc', ['-p', join(FOLDER, `${name}.json`)], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  const took = (performance.now() - start) / 1000
  if (stdout !== '') console.error(stdout)
  return stdout === '' ? took : Infinity
}
