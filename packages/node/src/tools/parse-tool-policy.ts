import { z } from 'zod'
import { ToolError } from './tool-error.ts'
import type { ToolPolicy } from './tool-policy.ts'

const LONGEST_TIMEOUT_MS = 10 * 60_000
/** A result travels in frames of 4 MiB, in which its text may stand escaped. */
const LARGEST_BYTES = 2 * 1024 * 1024

const HostName = z
  .string()
  .regex(
    /^(\*\.)?[a-z\d]([a-z\d.-]*[a-z\d])?$/i,
    'must be a name as in api.example.com or *.example.com, without https:// and without a path',
  )

const Method = z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])

const Host = z.strictObject({
  host: HostName,
  port: z.int().min(1).max(65_535).exactOptional(),
  methods: z.array(Method).nonempty().exactOptional(),
  insecure: z.boolean().exactOptional(),
  headers: z.record(z.string().min(1), z.string()).exactOptional(),
})

const Policy = z.strictObject({
  hosts: z.array(Host).exactOptional(),
  maxBytes: z.int().positive().max(LARGEST_BYTES).exactOptional(),
  timeoutMs: z.int().positive().max(LONGEST_TIMEOUT_MS).exactOptional(),
})

/**
 * Reads what an owner wrote as JSON: hosts and limits. Tools of the node's own and a search are
 * functions, which only a program can give.
 *
 * @throws {ToolError} `INVALID_POLICY` naming the key that is wrong
 */
export function parseToolPolicy(json: unknown): ToolPolicy {
  const parsed = Policy.safeParse(json)
  if (parsed.success) return parsed.data
  throw new ToolError(
    'INVALID_POLICY',
    `These are no rules for tools: ${z.prettifyError(parsed.error)}`,
  )
}
