import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { version } from '../src/program.ts'

const LAUNCHER = resolve(import.meta.dirname, '../bin/skein.js')

/** What makes a process believe that its Node is an old one. */
const OLD_NODE = `data:text/javascript,${encodeURIComponent(
  "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })",
)}`

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skein-launcher-'))
})
afterAll(() => rm(folder, { recursive: true }))

function launch(
  launcher: string,
  args: readonly string[],
  nodeOptions: readonly string[] = [],
): Promise<{ code: number | string | null | undefined; out: string; talk: string }> {
  return new Promise((done) => {
    const argv = [...nodeOptions, launcher, ...args]
    const { PATH = '' } = process.env
    execFile(process.execPath, argv, { env: { PATH }, timeout: 20_000 }, (error, out, talk) => {
      done({ code: error ? error.code : 0, out, talk })
    })
  })
}

describe('the launcher', () => {
  it('runs the source of the repository without a build', async () => {
    expect(await launch(LAUNCHER, ['--version'])).toEqual({
      code: 0,
      out: `${version()}\n`,
      talk: '',
    })
  })

  it('passes the exit code on', async () => {
    expect((await launch(LAUNCHER, ['no-such-command'])).code).toBe(2)
  })

  it('under an old Node starts the newer one of the repository', async () => {
    expect(await launch(LAUNCHER, ['--version'], ['--import', OLD_NODE])).toMatchObject({
      code: 0,
      out: `${version()}\n`,
    })
  })

  it('under an old Node, with no newer one to be found, says so in a sentence', async () => {
    const alone = join(folder, 'skein.mjs')
    await cp(LAUNCHER, alone)
    const { code, out, talk } = await launch(alone, ['--version'], ['--import', OLD_NODE])
    expect(code).toBe(1)
    expect(out).toBe('')
    expect(talk).toMatch(/^skein needs Node 24 or newer; .*\n$/)
  })

  it('lets a program outside any project import our packages and Zod', async () => {
    const program = join(folder, 'program.ts')
    await writeFile(
      program,
      "import { END } from '@skein/workflows'\nimport { z } from 'zod'\nexport const x: unknown = [END, z]\n",
    )
    await writeFile(join(folder, 'package.json'), '{}')
    const { code, talk } = await launch(LAUNCHER, ['run', program])
    expect(code).toBe(2)
    expect(talk).toContain('exports no pipeline and no workflow')
    expect(talk).not.toContain('Warning')
  })
})
