import { once } from 'node:events'
import { hostname } from 'node:os'
import { createNode, type Logger, type Node } from '@skein/node'
import { createLibp2pTransport, openHome } from '@skein/protocol'
import { chooseEngines, type ChosenEngines, type EngineOptions } from '../engines.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { watchInterrupts } from '../interrupt.ts'
import { version } from '../program.ts'
import type { Style, Terminal } from '../terminal.ts'
import { readToolRules, type ToolOptions } from '../tool-rules.ts'
import { drawStartedNode } from '../views/started-node.ts'
import { printable } from '../views/text.ts'
import { yieldToOthers } from '../yield-to-others.ts'

export interface NodeStartOptions extends EngineOptions, ToolOptions {
  readonly name?: string
  readonly listen?: readonly string[]
  readonly home?: string
  readonly json?: boolean
  readonly untilStdinEnds?: boolean
}

/** Lends this machine's models until somebody says stop; then finishes what was begun. */
export async function startNode(options: NodeStartOptions, terminal: Terminal): Promise<ExitCode> {
  yieldToOthers()
  await using open = new AsyncDisposableStack()
  const stop = open.use(watchForStop(options))
  const tools = await readToolRules(options)
  const home = await openHome(options.home)
  const network = await home.networkKey()
  const identity = open.use(await home.claimIdentity('node'))
  const chosen = open.use(await chooseEngines(options, process.env))
  const { listen } = options
  const transport = open.use(
    await createLibp2pTransport({
      identity,
      network,
      ...(listen ? { listen, mdns: !listen.every(isLoopback) } : {}),
    }),
  )
  const talk = { isReady: false }
  const node = open.use(
    await createNode({
      transport,
      engines: chosen.engines,
      // Several nodes of one machine are told apart by the end of their ids.
      name: options.name ?? `${hostname()}-${identity.peer.slice(-4)}`,
      agent: `skein/${version()}`,
      tools,
      ...(options.json ? {} : { logger: loggerOf(terminal, talk) }),
    }),
  )
  const { peer, name, addresses } = node.status()
  const entry = { peer, name, addresses: [...addresses], network: network.id }
  const registration = open.use(await home.register(entry))
  insistOnModels(node, chosen)
  sayReady(node, chosen, { json: options.json ?? false, terminal })
  talk.isReady = true
  if (!stop.signal.aborted) await once(stop.signal, 'abort')
  await registration[Symbol.asyncDispose]()
  if (!options.json) sayStopping(node, terminal)
  await node.drain()
  return EXIT.ok
}

/** An engine that cannot open its only model is worth an error, not a node that is there for nothing. */
function insistOnModels(node: Node, { engines }: ChosenEngines): void {
  const { models, problems } = node.status()
  const canGain = engines.some(({ kind }) => kind !== 'llama')
  if (models.length > 0 || problems.length === 0 || canGain) return
  throw new CliError('UNREACHABLE', `there is no model to lend: ${problems.join('; ')}`, {
    mend: 'The file may be damaged, or too large for this machine: name another with --model FILE.gguf',
  })
}

/** Nobody else can come there, so there is nothing to announce on the local network. */
function isLoopback(address: string): boolean {
  return /^(?:127\.|localhost:|\[::1\]|\/ip4\/127\.|\/ip6\/::1\/)/.test(address.trim())
}

interface Stop extends Disposable {
  readonly signal: AbortSignal
}

function watchForStop({ untilStdinEnds = false }: NodeStartOptions): Stop {
  // Ctrl-C reaches every process of a terminal; a node that a program started leaves it to that.
  const interrupts = watchInterrupts({ ignoreCtrlC: untilStdinEnds })
  if (!untilStdinEnds) return interrupts
  const end = new AbortController()
  // A pipe tells by `close` when its other side dies; a file only ever ends.
  for (const event of ['end', 'close']) process.stdin.once(event, () => end.abort())
  process.stdin.resume()
  return {
    signal: AbortSignal.any([interrupts.signal, end.signal]),
    [Symbol.dispose]: () => {
      interrupts[Symbol.dispose]()
      process.stdin.destroy()
    },
  }
}

interface Ready {
  readonly json: boolean
  readonly terminal: Terminal
}

function sayReady(node: Node, { notes }: ChosenEngines, { json, terminal }: Ready): void {
  const { data, talk } = terminal
  const { name, peer, addresses, models, problems } = node.status()
  if (json) {
    data.line(JSON.stringify({ name, peer, addresses, models }))
    return
  }
  data.line(drawStartedNode({ name, peer, addresses, models }))
  for (const note of [...notes, ...problems]) talk.line(talk.paint('yellow', printable(note)))
  talk.line('Ready. Ctrl-C finishes what was begun, then stops.')
}

function sayStopping(node: Node, { talk }: Terminal): void {
  const { running, waiting, done, failed } = node.status()
  const unfinished = running + waiting
  talk.line(
    unfinished === 0
      ? `Stopping. ${done} done, ${failed} failed.`
      : `Finishing ${unfinished} more, then stopping; Ctrl-C again quits at once.`,
  )
}

/** What is wrong at the start is said with what is there, and not twice. */
function loggerOf({ talk }: Terminal, state: { readonly isReady: boolean }): Logger {
  const say = (style: Style, message: string): void => {
    if (state.isReady) talk.line(talk.paint(style, logLine(message)))
  }
  return {
    info: (message) => say('dim', message),
    warn: (message) => say('yellow', message),
  }
}

function logLine(message: string): string {
  return `${new Date().toLocaleTimeString('en-GB')}  ${printable(message)}`
}
