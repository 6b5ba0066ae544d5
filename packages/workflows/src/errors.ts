const CODES = [
  'INVALID_DOCUMENT',
  'INVALID_TEMPLATE',
  'INVALID_SCHEMA',
  'INVALID_INPUT',
  'MISSING_VALUE',
  'NOT_A_NUMBER',
  'UNUSABLE_ANSWER',
  'STEP_FAILED',
  'NO_WAY_ON',
  'TOO_MANY_STEPS',
  'BAD_CHECKPOINT',
] as const

/** What can be wrong with a workflow or go wrong in one. The code crosses the wire; the message is for people. */
export type WorkflowErrorCode = (typeof CODES)[number]

export interface WorkflowErrorOptions extends ErrorOptions {
  /** The step where it happened. */
  readonly step?: string
  /** Whether the same task might succeed at another node. */
  readonly retryable?: boolean
}

/** Every error of this package. */
export class WorkflowError extends Error {
  override readonly name = 'WorkflowError'
  readonly code: WorkflowErrorCode
  readonly step: string | undefined
  /** Whether the same task might succeed later or at another node. */
  readonly retryable: boolean

  constructor(code: WorkflowErrorCode, message: string, options: WorkflowErrorOptions = {}) {
    super(message, options)
    this.code = code
    this.step = options.step
    this.retryable = options.retryable ?? false
  }
}

/** The same error with the place in front, unless it already names its step. */
export function blame(error: unknown, where: string, step?: string): unknown {
  if (!(error instanceof WorkflowError) || error.step !== undefined) return error
  const { code, message, retryable } = error
  return new WorkflowError(code, `${where}: ${message}`, {
    cause: error,
    retryable,
    ...(step === undefined ? {} : { step }),
  })
}
