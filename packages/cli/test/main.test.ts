import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../src/commands.ts'
import { CliError } from '../src/errors.ts'
import { run } from '../src/main.ts'
import { buildProgram, version } from '../src/program.ts'
import { recordTerminal } from './recorded-terminal.ts'

async function skein(...argv: string[]): Promise<{ code: number; out: string; talk: string }> {
  const terminal = recordTerminal()
  const code = await run(argv, terminal)
  return { code, out: terminal.dataLines.join('\n'), talk: terminal.talkLines.join('\n') }
}

describe('skein', () => {
  it('--help lists every command with one line', async () => {
    const { code, out } = await skein('--help')
    expect(code).toBe(0)
    for (const { name, summary } of COMMANDS) expect(out).toContain(`${name.padEnd(16)}${summary}`)
  })

  it('--version prints the version alone', async () => {
    expect(await skein('--version')).toEqual({ code: 0, out: version(), talk: '' })
  })

  it.each(COMMANDS.map(({ name }) => name))('%s --help explains itself', async (name) => {
    const { code, out, talk } = await skein(name, '--help')
    expect(code).toBe(0)
    expect(out).toContain(`Usage: skein ${name}`)
    expect(talk).toBe('')
  })

  it('suggests what a misspelt command may have meant, on stderr, and exits with 2', async () => {
    const { code, out, talk } = await skein('statsu')
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(talk).toContain("unknown command 'statsu'")
    expect(talk).toContain('Did you mean status?')
  })

  it.each(['--help', '-h'])('has no help for a command that is none: %s', async (help) => {
    const { code, out, talk } = await skein('statsu', help)
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(talk).toContain("unknown command 'statsu'")
    expect((await skein('help', 'status')).out).toContain('Usage: skein status')
  })

  it('refuses an option that does not exist, with exit code 2', async () => {
    const { code, talk } = await skein('status', '--jsno')
    expect(code).toBe(2)
    expect(talk).toContain("unknown option '--jsno'")
    expect(talk).toContain('Run skein status --help')
    expect(talk).not.toContain('    at ')
  })
})

/** Files that importing this one loads at once; what is imported later does not count. */
function loadedWith(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen
  seen.add(file)
  const source = readFileSync(file, 'utf8')
  for (const [, name = ''] of source.matchAll(
    /^(?:import|export) (?!type )[^;]*?from '([^']+)'/gm,
  )) {
    if (name.startsWith('.')) loadedWith(resolve(dirname(file), name), seen)
    else seen.add(name)
  }
  return seen
}

describe('the program', () => {
  it('starts without loading the network, the client or an engine', () => {
    const loaded = loadedWith(resolve(import.meta.dirname, '../src/main.ts'))
    expect([...loaded].filter((name) => !name.startsWith('/')).toSorted()).toEqual([
      'commander',
      'node:fs',
      'node:util',
    ])
  })

  it('loads only the command that is called', async () => {
    const loaded: string[] = []
    const entries = ['one', 'two'].map((name) => ({
      name,
      summary: name,
      load: () => {
        loaded.push(name)
        return Promise.resolve(() => {})
      },
    }))
    await buildProgram(entries, ['two', '--x'], { terminal: recordTerminal(), exit: () => {} })
    expect(loaded).toEqual(['two'])
  })

  it('tells a CliError by its message and mend, and exits with its code', () => {
    expect(new CliError('UNREACHABLE', 'no node', { mend: 'start one' })).toMatchObject({
      message: 'no node',
      mend: 'start one',
      exitCode: 3,
    })
  })
})
