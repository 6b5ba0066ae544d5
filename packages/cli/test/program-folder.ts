import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { run } from '../src/main.ts'
import { recordTerminal } from './recorded-terminal.ts'

/** What a command came to, without the folder's path. */
interface Ran {
  readonly code: number
  readonly out: string
  readonly talk: string
}

export interface ProgramFolder {
  /** The path of a file in it. */
  readonly at: (name: string) => string
  /** Writes a file; its path. What is no text is written as JSON. */
  readonly file: (name: string, content: unknown) => Promise<string>
  readonly skein: (...args: readonly string[]) => Promise<Ran>
}

/** A folder for the tests of a file, whose programs find our packages. */
export function programFolder(): ProgramFolder {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skein-programs-'))
    await mkdir(join(folder, 'node_modules'))
    const packages = resolve(import.meta.dirname, '../node_modules')
    for (const name of ['@skein', 'zod']) {
      await symlink(join(packages, name), join(folder, 'node_modules', name))
    }
  })
  afterAll(() => rm(folder, { recursive: true }))
  const at = (name: string) => join(folder, name)
  const plain = (lines: readonly string[]) => lines.join('\n').replaceAll(`${folder}/`, '')
  return {
    at,
    async file(name, content) {
      await writeFile(at(name), typeof content === 'string' ? content : JSON.stringify(content))
      return at(name)
    },
    async skein(...args) {
      const terminal = recordTerminal()
      const code = await run(args, terminal)
      return { code, out: plain(terminal.dataLines), talk: plain(terminal.talkLines) }
    },
  }
}
