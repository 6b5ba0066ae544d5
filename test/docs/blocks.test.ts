import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { fences, ROOT, type Fence } from './fences.ts'

const EXPECTED = /\/\/ => (.*)$/gm

const home = mkdtempSync(join(tmpdir(), 'skein-docs-'))
const background: ChildProcess[] = []
const environment = { ...process.env, SKEIN_HOME: home, NO_COLOR: '1' }

afterAll(async () => {
  for (const child of background) {
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await gone
  }
  rmSync(home, { recursive: true, force: true })
})

interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function run(args: readonly string[], folder = ROOT): Promise<Finished> {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()))
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()))
  return new Promise((resolve) => {
    child.on('exit', (code) => {
      resolve({ code, stdout, stderr })
    })
  })
}

const launcher = join(ROOT, 'packages/cli/bin/skein.js')

/** Starts a command that runs until it is ended, and waits for its first line. */
function startInBackground(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [launcher, ...args], {
    cwd: ROOT,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  background.push(child)
  return new Promise((resolve, reject) => {
    let said = ''
    const hear = (data: Buffer) => {
      said += data.toString()
      if (/listening|ready/i.test(said)) resolve()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.on('exit', (code) => {
      reject(new Error(`skein ${args.join(' ')} ended with ${code}: ${said}`))
    })
  })
}

/** Words of a command line; quotes hold words together. */
function wordsOf(line: string): string[] {
  return Array.from(line.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g), ([word]) =>
    word.replaceAll(/["']/g, ''),
  )
}

/** What is wrong with a line of shell; nothing when it does what it should. */
async function wrongWithLine(line: string): Promise<string[]> {
  const [program = '', ...words] = wordsOf(line)
  if (program === 'npm') return wrongWithScript(line, words)
  if (program === 'npx' && words[0] === 'node') return wrongWithRun(line, words.slice(1))
  if (program !== 'npx' || words[0] !== 'skein') return [`${line}: not a command of this project`]
  const args = words.slice(1)
  if (line.startsWith('npx skein node start')) {
    await startInBackground(args)
    return []
  }
  return wrongWithRun(line, [launcher, ...args])
}

async function wrongWithRun(line: string, args: readonly string[]): Promise<string[]> {
  const { code, stderr } = await run(args)
  return code === 0 ? [] : [`${line}: ended with ${code}\n${stderr}`]
}

/** Tests of their own run the scripts; here it is enough that they are there. */
function wrongWithScript(line: string, [first, second]: readonly string[]): string[] {
  const name = first === 'run' ? second : first
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Readonly<Record<string, string>>
  }
  return name !== undefined && name in scripts ? [] : [`${line}: no such script`]
}

async function wrongWithShell(code: string): Promise<string[]> {
  const found: string[] = []
  for (const line of code.split('\n')) {
    if (line !== '' && !line.startsWith('#')) found.push(...(await wrongWithLine(line)))
  }
  return found
}

async function wrongWithProgram(code: string): Promise<string[]> {
  const args = ['--conditions=@skein/source', '--input-type=module-typescript', '--eval', code]
  const { stdout, stderr } = await run(args, join(ROOT, 'docs'))
  const expected = Array.from(code.matchAll(EXPECTED), ([, line]) => line).join('\n')
  return stdout.trim() === expected && stderr === '' ? [] : [`it printed:\n${stdout}${stderr}`]
}

function wrongWithJson(code: string): string[] {
  try {
    JSON.parse(code)
    return []
  } catch (error) {
    return [String(error)]
  }
}

const CHECKS: Readonly<Record<string, (code: string) => string[] | Promise<string[]>>> = {
  sh: wrongWithShell,
  ts: wrongWithProgram,
  json: wrongWithJson,
  // Text to read: nothing of it can be run.
  text: () => [],
  mermaid: () => [],
}

/** What is wrong with a block; nothing when it runs and prints what it says. */
function wrongWith({ language, code }: Fence): string[] | Promise<string[]> {
  return CHECKS[language]?.(code) ?? [`no test can run a block of ${language}`]
}

/** Blocks that show a file are compared with it, and the file has a test of its own. */
const blocks = fences().filter(({ note }) => !note.startsWith('examples/'))

describe.each([...new Set(blocks.map(({ document }) => document))])('%s', (document) => {
  it.for(blocks.filter((fence) => fence.document === document))(
    '[B8] runs as its block at line $line says',
    async (fence) => {
      expect(await wrongWith(fence)).toEqual([])
    },
  )
})
