import { createMemoryNetwork, type MemoryNetwork } from '@skein/protocol'
import { WorkflowBuilder } from '@skein/workflows'
import { z } from 'zod'
import type { Engine } from '../src/engines/engine.ts'
import { createScriptedEngine } from '../src/engines/scripted.ts'
import { createNode, type Node, type NodeComponents, type NodeOptions } from '../src/node.ts'
import { HandEngine, type HandModel } from './hand-engine.ts'
import { TestClient } from './test-client.ts'

export const echo = new WorkflowBuilder('echo', { text: z.string() })
  .generativeStep({ id: 'answer', prompt: '{{text}}' })
  .setReturnValue('answer')
  .build()

export const twice = new WorkflowBuilder('twice', { text: z.string() })
  .generativeStep({ id: 'draft', prompt: '{{text}}' })
  .generativeStep({ id: 'answer', prompt: 'again {{draft}}' })
  .setReturnValue('answer')
  .build()

/** Three branches, and a step that joins them. */
export const three = new WorkflowBuilder('three', { text: z.string() })
  .parallelStep({
    id: 'all',
    branches: {
      a: (branch) => branch.generativeStep({ id: 'x', prompt: 'a {{text}}' }).setReturnValue('x'),
      b: (branch) => branch.generativeStep({ id: 'y', prompt: 'b {{text}}' }).setReturnValue('y'),
      c: (branch) => branch.generativeStep({ id: 'z', prompt: 'c {{text}}' }).setReturnValue('z'),
    },
  })
  .generativeStep({ id: 'join', prompt: '{{a}} {{b}} {{c}}' })
  .setReturnValue('join')
  .build()

/** A node and its clients on a network in memory. */
export class Stage implements AsyncDisposable {
  readonly network: MemoryNetwork = createMemoryNetwork()
  readonly #nodes: Node[] = []
  readonly #joined = new Set<string>()

  async start(
    engine: Engine,
    options: Partial<NodeOptions> = {},
    components: Partial<NodeComponents> = {},
  ): Promise<Node> {
    const transport = this.network.transport('node')
    const usual = { transport, engines: [engine], name: 'a node' }
    const node = await createNode({ ...usual, ...options }, components)
    this.#nodes.push(node)
    return node
  }

  /** A client that has defined these workflows and has heard the offer. */
  async join(name = 'client') {
    const transport = this.network.transport(name)
    const client = await TestClient.connect(transport, 'memory:node')
    this.#joined.add(name)
    client.define(echo)
    client.define(twice)
    client.define(three)
    await client.hears('offer')
    return client
  }

  /** Whether that client has a session. */
  isJoined(name: string): boolean {
    return this.#joined.has(name)
  }

  /** A node over a scripted engine, and a client. */
  async scripted(...options: Parameters<typeof createScriptedEngine>) {
    const node = await this.start(createScriptedEngine(...options))
    return { node, client: await this.join() }
  }

  /** A node over an engine that the test plays, and a client. */
  async byHand(...infos: readonly HandModel[]) {
    const engine = new HandEngine(...(infos.length > 0 ? infos : [{ name: 'm' }]))
    const node = await this.start(engine)
    return { engine, node, client: await this.join() }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.#nodes.splice(0)) await node[Symbol.asyncDispose]()
  }
}
