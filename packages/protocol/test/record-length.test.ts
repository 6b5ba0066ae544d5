import { noise } from '@chainsafe/libp2p-noise'
import { LengthPrefixedDecoder, multiaddrConnectionPair } from '@libp2p/utils'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noiseCrypto } from '../src/noise-crypto.ts'
import { readLengthsCheaply } from '../src/record-length.ts'
import { noiseParts } from './noise-parts.ts'

/** One end of a connection that Noise encrypts, as the library makes it. */
async function secured() {
  const [near, far] = multiaddrConnectionPair()
  const member = async () => noise({ crypto: noiseCrypto })(await noiseParts(near.log))
  const [one, other] = await Promise.all([member(), member()])
  const [{ connection }] = await Promise.all([one.secureOutbound(near), other.secureInbound(far)])
  return connection
}

async function cheapDecoder(): Promise<LengthPrefixedDecoder> {
  const connection = await secured()
  readLengthsCheaply(connection)
  const decoder: unknown = Reflect.get(connection, 'decoder')
  if (decoder instanceof LengthPrefixedDecoder) return decoder
  throw new TypeError('Noise has no such decoder any more')
}

/** What its reader throws when a length is not there. */
function thrownBy(decoder: LengthPrefixedDecoder): unknown {
  const read: unknown = Reflect.get(decoder, 'lengthDecoder')
  try {
    if (typeof read === 'function') read(Buffer.alloc(1))
  } catch (error) {
    return error
  }
  return undefined
}

describe('the lengths of encrypted records', () => {
  it('are read right, wherever the bytes are cut', async () => {
    const decoder = await cheapDecoder()
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 700 })),
        fc.array(fc.nat(), { maxLength: 9 }),
        (records, places) => {
          const stream = Buffer.concat(
            records.flatMap((record) => [
              Buffer.of(record.length >> 8, record.length & 255),
              record,
            ]),
          )
          const cuts = [...places.map((place) => place % (stream.length + 1)), stream.length]
          let start = 0
          const read = cuts
            .toSorted((a, b) => a - b)
            .flatMap((end) => {
              const piece = stream.subarray(start, end)
              start = end
              return Array.from(decoder.decode(piece), (record) => Buffer.from(record.subarray()))
            })
          expect(Buffer.concat(read)).toEqual(Buffer.concat(records))
          expect(read.map(({ length }) => length)).toEqual(records.map(({ length }) => length))
        },
      ),
    )
  })

  it('cost no stack trace when they have not come: the error is always the same', async () => {
    const errors = [thrownBy(await cheapDecoder()), thrownBy(await cheapDecoder())]
    expect(errors[0]).toBeInstanceOf(RangeError)
    expect(errors[1]).toBe(errors[0])
  })

  it('are left alone where the library has become another', () => {
    const [near] = multiaddrConnectionPair()
    expect(() => {
      readLengthsCheaply(near)
    }).not.toThrow()
    const changed = Object.assign(near, { decoder: { lengthDecoder: 'other' } })
    readLengthsCheaply(changed)
    expect(changed.decoder.lengthDecoder).toBe('other')
  })
})
