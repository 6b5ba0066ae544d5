import type { JsonSchema, SearchNeed } from '@skein/workflows'
import { ToolError } from './tool-error.ts'

/** A host that tools may reach, as the node's owner says. */
export interface AllowedHost {
  /** `api.example.com`, or `*.example.com` for every name below it. */
  readonly host: string
  /** @default 443 for https, 80 for http */
  readonly port?: number
  /** @default ['GET'] */
  readonly methods?: readonly string[]
  /** Whether `http:` will do. @default false */
  readonly insecure?: boolean
  /** The owner's own headers, keys among them: sent to this host and to no other. */
  readonly headers?: Readonly<Record<string, string>>
}

/** A tool that the node itself provides to the models of workflows that name it. */
export interface NodeTool {
  readonly description: string
  /** JSON Schema of its arguments: what models are told, and not checked here. */
  readonly parameters: JsonSchema
  /** Gives any JSON value. What it throws is kept from the workflow, but for a `ToolError`. */
  run(given: unknown, signal: AbortSignal): Promise<unknown>
}

/** What is searched for. */
export type SearchQuery = Pick<SearchNeed, 'query' | 'type' | 'language' | 'count'>

/** What the owner of a node lets workflows do. Nothing, unless it is said. */
export interface ToolPolicy {
  /** @default [] */
  readonly hosts?: readonly AllowedHost[]
  /** Bytes of one answer. @default 1048576 */
  readonly maxBytes?: number
  /** From the first byte out to the last byte in, redirects included. @default 15000 */
  readonly timeoutMs?: number
  /** Tools of the node's own, by the name that workflows and models call them by. @default {} */
  readonly tools?: Readonly<Record<string, NodeTool>>
  /** Answers search steps with any JSON value. Absent: they are refused. */
  readonly search?: (query: SearchQuery, signal: AbortSignal) => Promise<unknown>
}

/**
 * The rule of the owner that covers a request.
 *
 * @throws {ToolError} `TOOL_NOT_ALLOWED` naming the host and the setting to change
 */
export function ruleFor(policy: ToolPolicy, url: URL, method: string): AllowedHost {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new ToolError('INVALID_REQUEST', `a tool cannot speak ${url.protocol}//`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new ToolError('INVALID_REQUEST', 'an address with a password in it is refused')
  }
  const rule = (policy.hosts ?? []).find((candidate) => covers(candidate, url))
  if (rule === undefined) {
    throw new ToolError(
      'TOOL_NOT_ALLOWED',
      `the owner of this node does not allow tools to reach ${url.host} over ${url.protocol}//; allowed hosts stand in its tools setting`,
    )
  }
  if (!(rule.methods ?? ['GET']).includes(method)) {
    throw new ToolError(
      'TOOL_NOT_ALLOWED',
      `the owner of this node does not allow ${method} to ${url.host}`,
    )
  }
  return rule
}

function covers({ host, port, insecure = false }: AllowedHost, url: URL): boolean {
  if (url.protocol === 'http:' && !insecure) return false
  const usual = url.protocol === 'https:' ? 443 : 80
  const asked = url.port === '' ? usual : Number(url.port)
  if (asked !== (port ?? usual)) return false
  const name = url.hostname.toLowerCase().replace(/\.$/, '')
  const pattern = host.toLowerCase()
  return pattern.startsWith('*.')
    ? name.endsWith(pattern.slice(1)) && name.length > pattern.length - 1
    : name === pattern
}
