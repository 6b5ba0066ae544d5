import type { ModelSummary, NodeSummary } from '@skein/client'
import { counted, printable, rate, table } from './text.ts'

/** How a network looks at one moment. */

/** What `skein status --json` prints. Scripts depend on these names. */
export interface NetworkSnapshot {
  readonly nodes: readonly NodeSummary[]
  readonly models: readonly ModelSummary[]
  /** Why nodes could not be reached, one line each. */
  readonly troubles: readonly string[]
}

/** What to do when there is nothing to see. */
export const HOW_TO_START = 'Start a node in another terminal: skein node start'

/** The nodes with their models, and how much of them is free. */
export function drawStatus({ nodes, models, troubles }: NetworkSnapshot): string {
  const slots = models.reduce((sum, model) => sum + model.slots, 0)
  const free = models.reduce((sum, model) => sum + model.freeSlots, 0)
  const parts = [counted(nodes.length, 'node'), counted(models.length, 'model')]
  const rows = nodes.flatMap(rowsOf)
  return [
    `${parts.join(', ')}, ${free} of ${counted(slots, 'slot')} free`,
    ...(rows.length > 0
      ? ['', ...table(['NODE', 'PEER', 'MODEL', 'FREE', 'SLOTS', 'TOKENS/S', 'NOTE'], rows)]
      : []),
    ...(troubles.length > 0 ? ['', ...troubles.map((trouble) => `! ${printable(trouble)}`)] : []),
  ].join('\n')
}

/** [D31] The models with the number of nodes, free slots and measured speed. */
export function drawModels(models: readonly ModelSummary[]): string {
  const rows = models.map((model) => [
    printable(model.name),
    model.nodes,
    model.freeSlots,
    model.slots,
    speed(model.tokensPerSecond),
    model.contextLength,
    model.demonstration ? 'demonstration' : model.capabilities.map(printable).join(', '),
  ])
  const headings = ['MODEL', 'NODES', 'FREE', 'SLOTS', 'TOKENS/S', 'CONTEXT', 'CAN']
  return table(headings, rows).join('\n')
}

function rowsOf({ name, peer, draining, models, unfinished }: NodeSummary): (string | number)[][] {
  const who = [printable(name), peer.slice(-8)]
  if (models.length === 0) return [[...who, '', 0, 0, '', draining ? 'draining' : 'no model']]
  return models.map((model) => {
    const free = draining ? 0 : Math.max(0, Math.min(model.slots, model.credits) - unfinished)
    const note = draining ? 'draining' : model.demonstration ? 'demonstration' : ''
    return [...who, printable(model.name), free, model.slots, speed(model.tokensPerSecond), note]
  })
}

function speed(tokensPerSecond: number | undefined): string {
  return tokensPerSecond === undefined ? '–' : rate(tokensPerSecond)
}
