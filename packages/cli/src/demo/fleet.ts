import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { CliError } from '../errors.ts'

/** Nodes in processes of their own, that end with this one whatever happens to it. */

const SKEIN = fileURLToPath(new URL('../../bin/skein.js', import.meta.url))

/** Kinds of geese; more nodes than that are numbered. */
const NAMES = ['greylag', 'barnacle', 'brent', 'snow', 'bean', 'emperor', 'tundra', 'pinkfoot']

/** From asking a node to end to making it. */
const GRACE_MS = 5_000

/** Of what a node wrote to stderr, kept for the message when it does not start. */
const LAST_WORDS_CHARS = 4_000

/** What `skein node start --json` prints when it is ready. */
type StartedNode = z.infer<typeof StartedNode>
const StartedNode = z.object({
  name: z.string(),
  peer: z.string(),
  addresses: z.array(z.string()),
  models: z.array(z.object({ name: z.string(), demonstration: z.boolean().optional() })),
})

export interface Fleet extends AsyncDisposable {
  readonly nodes: readonly StartedNode[]
}

export interface FleetOptions {
  readonly count: number
  /** Settings folder of the nodes. */
  readonly home: string
  readonly signal: AbortSignal
}

/**
 * Starts nodes and waits until each is ready.
 *
 * @throws {CliError} `FAILED` with what the node said, when one does not start
 */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const children = Array.from({ length: options.count }, (_, index) =>
    startNode(NAMES[index] ?? `goose-${index + 1}`, options),
  )
  const dispose = async (): Promise<void> => {
    await Promise.all(children.map(({ child }) => stop(child)))
  }
  try {
    return { nodes: await Promise.all(children.map(ready)), [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

interface NodeProcess {
  readonly name: string
  readonly child: ChildProcess
  readonly signal: AbortSignal
}

function startNode(name: string, { home, signal }: FleetOptions): NodeProcess {
  const child = spawn(
    process.execPath,
    [SKEIN, 'node', 'start', '--json', '--until-stdin-ends', '--home', home, '--name', name],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  )
  // A node that is gone tells by its exit, not by a broken pipe.
  child.stdin.on('error', () => {})
  return { name, child, signal }
}

async function ready({ name, child, signal }: NodeProcess): Promise<StartedNode> {
  const { stdout, stderr } = child
  if (!stdout || !stderr) throw new CliError('FAILED', `node ${name} has no output`)
  let words = ''
  stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-LAST_WORDS_CHARS)
  })
  const outcome = Promise.withResolvers<StartedNode>()
  createInterface({ input: stdout }).once('line', (line) => {
    const parsed = StartedNode.safeParse(parseJson(line))
    if (parsed.success) outcome.resolve(parsed.data)
  })
  child.once('error', (cause) => {
    outcome.reject(new CliError('FAILED', `node ${name} did not start`, { cause }))
  })
  child.once('exit', (code, killedBy) => {
    const how = killedBy === null ? `exit code ${code}` : killedBy
    outcome.reject(new CliError('FAILED', `node ${name} did not start (${how}): ${words.trim()}`))
  })
  const interrupted = (): void => {
    outcome.reject(new CliError('INTERRUPTED', 'interrupted while the nodes were starting'))
  }
  if (signal.aborted) interrupted()
  signal.addEventListener('abort', interrupted, { once: true })
  try {
    return await outcome.promise
  } finally {
    signal.removeEventListener('abort', interrupted)
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const exited = new Promise((resolve) => child.once('exit', resolve))
  child.stdin?.end()
  const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS)
  await exited
  clearTimeout(timer)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
