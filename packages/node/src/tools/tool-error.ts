/** Why a tool was not run, or did not work. */
export type ToolErrorCode =
  | 'NOT_ALLOWED'
  | 'TOOL_NOT_ALLOWED'
  | 'ADDRESS_REFUSED'
  | 'INVALID_REQUEST'
  | 'RESPONSE_TOO_LARGE'
  | 'TOO_MANY_REDIRECTS'
  | 'TIMED_OUT'
  | 'UNREACHABLE'
  | 'HTTP_STATUS'
  | 'TOOL_FAILED'
  | 'INVALID_POLICY'

/** What another node, or the same one later, may answer otherwise. */
const RETRYABLE: ReadonlySet<ToolErrorCode> = new Set([
  'NOT_ALLOWED',
  'TOOL_NOT_ALLOWED',
  'TIMED_OUT',
  'UNREACHABLE',
])

/** Every error of a tool. */
export class ToolError extends Error {
  override readonly name = 'ToolError'
  readonly code: ToolErrorCode

  constructor(code: ToolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }

  /** Whether the same call might succeed at another time or node. */
  get retryable(): boolean {
    return RETRYABLE.has(this.code)
  }
}
