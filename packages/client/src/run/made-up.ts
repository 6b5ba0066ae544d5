import type { z } from 'zod'
import { ClientError } from '../errors.ts'
import { describeIssues } from '../schema-issues.ts'

/** What is known of a step's answers. */
interface Answers {
  /** Of the step, or of what it runs. */
  readonly name: string
  /** Absent where nothing is known. */
  readonly output: z.ZodType | undefined
}

/**
 * What a step's fallback gave, as an answer of the step. Its type is what the schema makes of an answer, not what it
 * takes: it is led back to that first. What a transform has made cannot be led back, and goes on as it is.
 *
 * @throws {ClientError} `STEP_FAILED` where it does not fit
 */
export function madeUp({ name, output }: Answers, given: unknown, cause: ClientError): unknown {
  if (!output) return given
  const answer = ledBack(output, given)
  if (!answer) return given
  const parsed = answer.success ? output.safeParse(answer.data) : answer
  if (parsed.success) return parsed.data
  const issues = describeIssues(parsed.error)
  const gave = `the fallback of step '${name}' gave what its schema refuses: ${issues}`
  const message = `${gave}; it was asked because ${cause.message}`
  throw new ClientError('STEP_FAILED', message, { cause, retryable: false })
}

/** Nothing where the schema has a transform, which goes one way only, or is of a Zod that leads nothing back. */
function ledBack(schema: z.ZodType, value: unknown): z.ZodSafeParseResult<unknown> | undefined {
  if (!('safeEncode' in schema)) return undefined
  try {
    return schema.safeEncode(value)
  } catch (thrown) {
    if (thrown instanceof Error && thrown.name === 'ZodEncodeError') return undefined
    throw thrown
  }
}
