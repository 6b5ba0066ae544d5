import type { SearchNeed, ToolNeed, ToolSpec } from '@skein/workflows'
import { runHttpTool, type HttpComponents } from './http-tool.ts'
import { ToolError } from './tool-error.ts'
import type { NodeTool, ToolPolicy } from './tool-policy.ts'

/** Any tool that the owner provides. */
const ALL = 'ALL'

/** Does for workflows what the node's owner lets them do. */
export class Toolbox {
  readonly #policy: ToolPolicy
  readonly #components: Partial<HttpComponents>
  readonly #own: ReadonlyMap<string, NodeTool>

  constructor(policy: ToolPolicy = {}, components: Partial<HttpComponents> = {}) {
    this.#policy = policy
    this.#components = components
    this.#own = new Map(Object.entries(policy.tools ?? {}))
  }

  /** What a model is told of the node's own tools with these names; `ALL`: of every one. */
  specsOf(names: readonly string[]): readonly ToolSpec[] {
    const specs: ToolSpec[] = []
    for (const [name, { description, parameters }] of this.#own) {
      if (names.includes(ALL) || names.includes(name)) specs.push({ name, description, parameters })
    }
    return specs
  }

  /**
   * Runs a tool; gives what it came to, a JSON value.
   *
   * @throws {ToolError}
   */
  async run({ call, http }: ToolNeed, signal: AbortSignal): Promise<unknown> {
    if (http !== undefined) {
      const options = { signal, components: this.#components }
      return (await runHttpTool(http, this.#policy, options)).body
    }
    const tool = this.#own.get(call.name)
    if (tool !== undefined) {
      return guarded(call.name, () => tool.run(call.arguments, signal))
    }
    const has = [...this.#own.keys()].join(', ') || 'none'
    throw new ToolError(
      'NOT_ALLOWED',
      `this node provides no tool '${call.name}' (it provides: ${has})`,
    )
  }

  /**
   * Searches the web, where the owner has something that can.
   *
   * @throws {ToolError}
   */
  async search(need: SearchNeed, signal: AbortSignal): Promise<unknown> {
    const { search } = this.#policy
    if (search === undefined) {
      throw new ToolError('NOT_ALLOWED', 'this node does not search the web: its owner set up none')
    }
    const { query, type, language, count } = need
    return guarded('search', () => search({ query, type, language, count }, signal))
  }
}

/** The owner's own code: its errors and its values may hold anything. */
async function guarded(name: string, run: () => Promise<unknown>): Promise<unknown> {
  try {
    const text: string | undefined = JSON.stringify(await run())
    return text === undefined ? null : (JSON.parse(text) as unknown)
  } catch (cause) {
    if (cause instanceof ToolError) throw cause
    throw new ToolError('TOOL_FAILED', `the tool '${name}' of this node failed`, { cause })
  }
}
