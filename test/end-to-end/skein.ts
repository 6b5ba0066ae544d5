import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'

/** Real `skein` processes: each bounded in time, ended by its id, and gone when the test is. */

export const ROOT = resolve(import.meta.dirname, '../..')
export const SKEIN = join(ROOT, 'packages/cli/bin/skein.js')

/** No command of these tests takes longer, also on a busy machine. */
const PATIENCE_MS = 90_000

export interface Ended {
  /** The exit code, or the signal's name. */
  readonly code: number | string
  readonly out: string
  readonly talk: string
  readonly ms: number
  /** It ended with an error as a user should see it: a sentence, and never a stack trace. */
  readonly isCleanError: boolean
}

export interface Running {
  readonly child: ChildProcess
  /** What it has written to stderr so far. */
  readonly said: () => string
  readonly ended: Promise<Ended>
}

export interface StartedNode extends Running {
  readonly name: string
  readonly peer: string
  readonly address: string
}

export interface StartOptions {
  readonly stdin?: string
  readonly env?: Readonly<Record<string, string>>
}

const Ready = z.object({
  name: z.string(),
  peer: z.string(),
  addresses: z.array(z.string()).min(1),
})

/** A settings folder with a network key of its own, and the processes that use it. */
export class Home implements AsyncDisposable {
  readonly folder: string
  readonly #children = new Set<ChildProcess>()

  private constructor(folder: string) {
    this.folder = folder
  }

  static async create(): Promise<Home> {
    return new Home(await mkdtemp(join(tmpdir(), 'skein-e2e-')))
  }

  /** Writes a file beside the settings. */
  async file(name: string, content: string | object): Promise<string> {
    const path = join(this.folder, name)
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
    return path
  }

  /** Starts a command. */
  start(args: readonly string[], { stdin, env = {} }: StartOptions = {}): Running {
    const begun = performance.now()
    const child = spawn(process.execPath, [SKEIN, ...args], {
      cwd: ROOT,
      env: { ...plainEnvironment(), SKEIN_HOME: this.folder, ...env },
    })
    this.#children.add(child)
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
    child.stdin.on('error', () => {})
    if (stdin !== undefined) child.stdin.end(stdin)
    let talk = ''
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      talk += piece
    })
    const output = Promise.all([text(child.stdout), finished(child.stderr)])
    const ended = endOf(child).then(async (code): Promise<Ended> => {
      const ms = performance.now() - begun
      const [out] = await output
      clearTimeout(timer)
      this.#children.delete(child)
      return { code, out, talk, ms, isCleanError: isClean(talk) }
    })
    return { child, ended, said: () => talk }
  }

  /** Runs a command to its end. */
  run(args: readonly string[], options?: StartOptions): Promise<Ended> {
    return this.start(args, options).ended
  }

  /** Starts a node and waits until it is ready. */
  async node(...args: readonly string[]): Promise<StartedNode> {
    const running = this.start(['node', 'start', '--json', ...args])
    const { name, peer, addresses } = Ready.parse(JSON.parse(await firstLine(running)))
    return { ...running, name, peer, address: addresses[0] ?? '' }
  }

  /** Starts nodes of the scripted engine. */
  async scriptedNodes(count: number, script: object): Promise<StartedNode[]> {
    const file = await this.file('script.json', script)
    const names = Array.from({ length: count }, (_, index) => `goose-${index + 1}`)
    return Promise.all(names.map((name) => this.node('--name', name, '--script', file)))
  }

  /** Starts a node of the scripted engine that logs who comes and goes. */
  async talkingNode(name: string, script: object): Promise<Running> {
    const file = await this.file(`${name}.json`, script)
    const node = this.start(['node', 'start', '--name', name, '--script', file])
    await until('the node is ready', () => node.said().includes('Ready'))
    return node
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ends = Array.from(this.#children, (child) => {
      child.kill('SIGKILL')
      return endOf(child)
    })
    await Promise.all(ends)
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** Processes of this machine whose command line holds that text, by id. Only where the system tells. */
export async function processesWith(part: string): Promise<number[]> {
  const names = await readdir('/proc').catch(() => [])
  const ids = names.filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  const matches = await Promise.all(
    ids.map(async (id) =>
      (await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')).includes(part),
    ),
  )
  return ids.filter((_, index) => matches[index]).map(Number)
}

/** Waits until a client is at that node, and then a little: until it is in the middle of its run. */
export async function clientAt(node: Running, ms: number): Promise<void> {
  await until('a client is there', () => node.said().includes('is here'))
  await sleep(ms)
}

/** Waits until something is so. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS / 2
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new RangeError(`waited in vain: ${what}`)
    await sleep(50)
  }
}

function isClean(talk: string): boolean {
  return talk.includes('error: ') && !/^\s+at .+:\d+/m.test(talk) && !talk.includes('SKEIN_DEBUG')
}

async function endOf(child: ChildProcess): Promise<number | string> {
  const isOver = child.exitCode !== null || child.signalCode !== null
  if (!isOver) await once(child, 'exit')
  return child.exitCode ?? child.signalCode ?? 'unknown'
}

async function firstLine({ child, ended }: Running): Promise<string> {
  let seen = ''
  const line = new Promise<string>((found) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      seen += chunk.toString()
      if (seen.includes('\n')) found(seen.slice(0, seen.indexOf('\n')))
    })
  })
  const early = ended.then(({ code, talk }) => {
    throw new RangeError(`the node ended before it was ready (${code}): ${talk}`)
  })
  return Promise.race([line, early])
}

/** Without what a developer's or a test runner's own environment would change. */
function plainEnvironment(): Record<string, string | undefined> {
  const { PATH, HOME, TMPDIR, SystemRoot, APPDATA } = process.env
  // Nobody listens on port 1: an Ollama of this machine stays out of the tests.
  return { PATH, HOME, TMPDIR, SystemRoot, APPDATA, OLLAMA_HOST: '127.0.0.1:1' }
}
