/** Why a tool was not run, or did not work. */
export type ToolErrorCode =
  | 'TOOL_NOT_ALLOWED'
  | 'ADDRESS_REFUSED'
  | 'INVALID_REQUEST'
  | 'RESPONSE_TOO_LARGE'
  | 'TOO_MANY_REDIRECTS'
  | 'TIMED_OUT'
  | 'UNREACHABLE'
  | 'HTTP_STATUS'

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
    return this.code === 'TIMED_OUT' || this.code === 'UNREACHABLE'
  }
}
