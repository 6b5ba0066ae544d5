import { counted, printable } from './text.ts'

/** What a node says when it is ready: the line that programs read, and the lines that people do. */

export interface StartedNode {
  readonly name: string
  readonly peer: string
  readonly addresses: readonly string[]
  readonly models: readonly {
    readonly name: string
    readonly slots: number
    readonly contextLength: number
    readonly demonstration?: boolean
  }[]
}

/** One fact a line, the kind of fact first. */
export function drawStartedNode({ name, peer, addresses, models }: StartedNode): string {
  return [
    `node ${name}`,
    `peer ${peer}`,
    ...addresses.map((address) => `address ${address}`),
    ...models.map((model) => {
      const toy = model.demonstration ? ' (shows the network, not intelligence)' : ''
      const size = `${counted(model.slots, 'slot')}, ${counted(model.contextLength, 'token')} of context`
      return `model ${model.name}: ${size}${toy}`
    }),
  ]
    .map(printable)
    .join('\n')
}
