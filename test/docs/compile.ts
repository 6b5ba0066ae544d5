import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from './fences.ts'

/** The compiler's settings, as for the rest: what is compiled here is never run. */
const OPTIONS = {
  noEmit: true,
  composite: false,
  incremental: false,
  declarationMap: false,
  tsBuildInfoFile: null,
  rootDir: null,
  typeRoots: [join(ROOT, 'node_modules/@types')],
}

/** Compiles programs, by the names of their files, as a reader's own that has the packages; what the compiler says of them. */
export function compile(
  programs: Readonly<Record<string, string>>,
  options: Readonly<Record<string, unknown>> = {},
): { readonly status: number | null; readonly output: string } {
  const folder = mkdtempSync(join(tmpdir(), 'skein-programs-'))
  const write = (name: string, text: string): void => {
    writeFileSync(join(folder, name), text)
  }
  const settings = {
    extends: join(ROOT, 'tsconfig.base.json'),
    compilerOptions: { ...OPTIONS, ...options },
    include: ['*.ts'],
  }
  try {
    for (const [name, text] of Object.entries(programs)) write(name, text)
    write('package.json', '{ "type": "module" }')
    write('tsconfig.json', JSON.stringify(settings))
    symlinkSync(join(ROOT, 'docs/node_modules'), join(folder, 'node_modules'), 'junction')
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc')
    const run = spawnSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8' })
    return { status: run.status, output: run.stdout + run.stderr }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
