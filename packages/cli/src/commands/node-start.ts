import { once } from 'node:events'
import { hostname } from 'node:os'
import { createNode, type Node } from '@skein/node'
import { createLibp2pTransport, openHome } from '@skein/protocol'
import { chooseEngines, type EngineOptions } from '../engines.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { watchInterrupts } from '../interrupt.ts'
import type { Terminal } from '../terminal.ts'
import { drawStartedNode, startedNode } from '../views/started-node.ts'

export interface NodeStartOptions extends EngineOptions {
  readonly name?: string
  readonly listen: readonly string[]
  readonly home?: string
  readonly json?: boolean
  readonly untilStdinEnds?: boolean
}

/** Lends this machine's models until somebody says stop; then finishes what was begun. */
export async function startNode(options: NodeStartOptions, terminal: Terminal): Promise<ExitCode> {
  const { talk } = terminal
  const stop = new AbortController()
  // Ctrl-C reaches every process of a terminal; one that was started by a program leaves it to that.
  using interrupts = watchInterrupts({ ignoreCtrlC: options.untilStdinEnds ?? false })
  interrupts.signal.addEventListener('abort', () => stop.abort(), { once: true })
  if (options.untilStdinEnds) process.stdin.resume().once('close', () => stop.abort())

  const home = await openHome(options.home)
  const network = await home.networkKey()
  await using identity = await home.claimIdentity('node')
  const { engines, notes } = await chooseEngines(options, process.env)
  const { listen } = options
  await using transport = await createLibp2pTransport({
    identity,
    network,
    ...(listen.length > 0 ? { listen, mdns: true } : {}),
  })
  const name = options.name ?? hostname()
  await using node = await createNode({ transport, engines, name })
  await using _registration = await home.register({
    peer: transport.peer,
    name,
    addresses: [...transport.addresses],
    network: network.id,
  })
  sayReady(node, { name, options, notes }, terminal)
  if (!stop.signal.aborted) await once(stop.signal, 'abort')
  if (!options.json) talk.line('Stopping: finishing what was begun. Ctrl-C again quits at once.')
  await node.drain()
  return EXIT.ok
}
