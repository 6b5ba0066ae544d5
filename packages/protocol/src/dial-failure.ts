import { ProtocolError, type ProtocolErrorCode } from './errors.ts'

/** Says why libp2p could not dial, in our words: the culprit and the mend. */
export function dialFailure(
  error: unknown,
  { address, signal }: { readonly address: string; readonly signal: AbortSignal },
): Error {
  const cause = firstOf(error)
  if (signal.aborted) return interruption(address, signal.reason)
  if (cause instanceof ProtocolError) return atTheGate(address, cause)
  return explain(address, cause)
}

/** libp2p tries every address that a name stands for and gathers what went wrong. */
function firstOf(error: unknown): unknown {
  if (!(error instanceof AggregateError)) return error
  const causes: readonly unknown[] = error.errors
  return causes.find((cause) => cause instanceof ProtocolError) ?? causes[0] ?? error
}

/** What a dial that was given up rejects with: the deadline's end in our words, or the caller's own reason. */
export function interruption(address: string, reason: unknown): Error {
  if (reason instanceof Error && reason.name !== 'TimeoutError') return reason
  return new ProtocolError('TIMED_OUT', `${address} did not answer in time`, { cause: reason })
}

function atTheGate(address: string, cause: ProtocolError): ProtocolError {
  if (cause.code === 'WRONG_NETWORK') {
    return new ProtocolError(
      'WRONG_NETWORK',
      `${address} belongs to another network: it has another network key; take over the file network.key of one of its members`,
      { cause },
    )
  }
  return new ProtocolError(cause.code, `what listens at ${address} is no Skein node`, { cause })
}

function explain(address: string, cause: unknown): ProtocolError {
  const text = cause instanceof Error ? `${cause.name} ${cause.message}` : String(cause)
  const [, code, sentence] = EXPLANATIONS.find(([sign]) => sign.test(text)) ?? FALLBACK
  return new ProtocolError(code, `${address} ${sentence}`, { cause })
}

type Explanation = readonly [sign: RegExp, code: ProtocolErrorCode, sentence: string]

const FALLBACK: Explanation = [/^/u, 'PEER_UNREACHABLE', 'could not be reached']

/** The first sign that libp2p's or the system's words show decides. */
const EXPLANATIONS: readonly Explanation[] = [
  [
    /does not match expected remote identity/u,
    'WRONG_PEER',
    'is now another peer than the address says: ask for its present address',
  ],
  [/dial self/u, 'INVALID_ADDRESS', 'is the address of this very program'],
  [/UnsupportedProtocol/u, 'WRONG_VERSION', 'speaks another version of the protocol: update both'],
  [/ECONNREFUSED/u, 'PEER_UNREACHABLE', 'cannot be reached: nobody listens there; is it running?'],
  [/ENOTFOUND|EAI_AGAIN/u, 'PEER_UNREACHABLE', 'cannot be reached: no machine has that name'],
  [
    /EHOSTUNREACH|ENETUNREACH/u,
    'PEER_UNREACHABLE',
    'cannot be reached: there is no way to that machine',
  ],
  [
    /UnexpectedEOF|ECONNRESET|EPIPE|closed|reset/iu,
    'PEER_UNREACHABLE',
    'closed the connection at once: it is no Skein node, or it takes no more peers',
  ],
  [/Timeout|Abort/iu, 'PEER_UNREACHABLE', 'did not answer like a Skein node in time'],
]
