import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { fences, ROOT } from './fences.ts'

const folder = mkdtempSync(join(tmpdir(), 'skein-blocks-'))

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** The compiler's settings, as for the rest: what runs need not compile. */
const SETTINGS = {
  extends: join(ROOT, 'tsconfig.base.json'),
  compilerOptions: {
    noEmit: true,
    composite: false,
    incremental: false,
    declarationMap: false,
    tsBuildInfoFile: null,
    rootDir: null,
    typeRoots: [join(ROOT, 'node_modules/@types')],
  },
  include: ['*.ts'],
}

describe('the programs of the documents', () => {
  it('[B8] compile', () => {
    for (const { document, line, language, code } of fences()) {
      const name = `${basename(document, '.md')}-line-${line}.ts`
      if (language === 'ts') writeFileSync(join(folder, name), code)
    }
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(SETTINGS))
    symlinkSync(join(ROOT, 'docs/node_modules'), join(folder, 'node_modules'), 'junction')
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc')
    const { stdout } = spawnSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8' })
    expect(stdout).toBe('')
  })
})
