const CODES = [
  'PEER_UNREACHABLE',
  'WRONG_NETWORK',
  'WRONG_PEER',
  'WRONG_VERSION',
  'MALFORMED_FRAME',
  'FRAME_TOO_LARGE',
  'SESSION_CLOSED',
  'PEER_SILENT',
  'TIMED_OUT',
  'INVALID_KEY',
  'INVALID_ADDRESS',
  'ADDRESS_IN_USE',
  'HOME_UNAVAILABLE',
] as const

/** What can go wrong between two peers. The code crosses the wire; the message is for people. */
export type ProtocolErrorCode = (typeof CODES)[number]

const RETRYABLE: ReadonlySet<ProtocolErrorCode> = new Set([
  'PEER_UNREACHABLE',
  'SESSION_CLOSED',
  'PEER_SILENT',
  'TIMED_OUT',
])

/** Every error of this package. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly code: ProtocolErrorCode

  constructor(code: ProtocolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }

  /** Whether trying again, here or elsewhere, might succeed. */
  get retryable(): boolean {
    return RETRYABLE.has(this.code)
  }
}

/** The code that a peer gave in its goodbye, or `SESSION_CLOSED` where we do not know it. */
export function codeFromWire(code: string): ProtocolErrorCode {
  return CODES.find((known) => known === code) ?? 'SESSION_CLOSED'
}
