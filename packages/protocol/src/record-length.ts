import type { MessageStream } from '@libp2p/interface'
import { LengthPrefixedDecoder } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'

/** Made once: the stack trace of a fresh one costs 20 µs, more than everything else about a small record. */
const NOT_YET = new RangeError('the length of the next record has not come yet')

/**
 * Noise's decoder reads lengths until that throws, and catches what is thrown: an error for every piece that
 * comes, with its stack trace. This one throws the same error every time. Where the library has become another,
 * it is left as it is.
 */
export function readLengthsCheaply(secured: MessageStream): void {
  const decoder: unknown = Reflect.get(secured, 'decoder')
  if (decoder instanceof LengthPrefixedDecoder && 'lengthDecoder' in decoder) {
    Reflect.set(decoder, 'lengthDecoder', recordLength)
  }
}

/** Two bytes, big-endian. */
function recordLength(bytes: Uint8ArrayList): number {
  if (bytes.length < 2) throw NOT_YET
  return bytes.get(0) * 256 + bytes.get(1)
}
