import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@skein/client'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { watchInterrupts } from '../interrupt.ts'
import { connect, troublesOf, type NetworkOptions } from '../network.ts'
import type { Terminal } from '../terminal.ts'
import { drawModels, drawStatus, HOW_TO_START, type NetworkSnapshot } from '../views/network.ts'

export interface ModelsOptions extends NetworkOptions {
  readonly json?: boolean
}

export interface StatusOptions extends ModelsOptions {
  readonly watch?: boolean
}

/** Between two looks of `--watch`, in milliseconds; and where they are written below each other. */
const LOOK_MS = 1_000
const LINE_MS = 5_000

/** Shows the nodes once, or until Ctrl-C. */
export async function showStatus(options: StatusOptions, terminal: Terminal): Promise<ExitCode> {
  await using connection = await connect(options)
  const { client } = connection
  // Awaited here: the connection ends with this block.
  if (options.watch) return await watchStatus(client, options, terminal)
  const snapshot = snapshotOf(client)
  terminal.data.line(options.json ? JSON.stringify(snapshot) : drawStatus(snapshot))
  return verdict(snapshot, terminal)
}

/** [D31] Shows the models once. */
export async function showModels(options: ModelsOptions, terminal: Terminal): Promise<ExitCode> {
  await using connection = await connect(options)
  const snapshot = snapshotOf(connection.client)
  const { models } = snapshot
  const { data, talk } = terminal
  if (options.json) data.line(JSON.stringify(models))
  else if (models.length > 0) data.line(drawModels(models))
  for (const trouble of snapshot.troubles) talk.line(talk.paint('yellow', trouble))
  return verdict(snapshot, terminal)
}

async function watchStatus(
  client: Client,
  { json }: StatusOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { data, talk } = terminal
  using interrupts = watchInterrupts()
  const { signal } = interrupts
  const view = talk.isTerminal && !json ? await terminal.live() : undefined
  while (!signal.aborted) {
    const snapshot = snapshotOf(client)
    if (view) view.update(`${drawStatus(snapshot)}\n\nCtrl-C ends this.`)
    else data.line(json ? JSON.stringify(snapshot) : `${drawStatus(snapshot)}\n`)
    await sleep(view || json ? LOOK_MS : LINE_MS, undefined, { signal }).catch(() => {})
  }
  view?.done()
  return EXIT.ok
}

function snapshotOf(client: Client): NetworkSnapshot {
  return { nodes: client.nodes(), models: client.models(), troubles: troublesOf(client) }
}

function verdict({ nodes }: NetworkSnapshot, { talk }: Terminal): ExitCode {
  if (nodes.length > 0) return EXIT.ok
  talk.line(`No node of your network can be reached. ${HOW_TO_START}`)
  return EXIT.unreachable
}
