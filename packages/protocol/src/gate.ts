import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { AbortOptions, ConnectionProtector, MessageStream } from '@libp2p/interface'
import { byteStream } from '@libp2p/utils'
import { ProtocolError } from './errors.ts'
import type { NetworkKey } from './network-key.ts'

/**
 * The gate stands before everything else on a fresh socket: both sides prove in fixed-size messages
 * that they have the network's key, or nothing of libp2p ever runs.
 *
 *     dialler  → listener   magic (8)  nonce (32)
 *     listener → dialler    magic (8)  nonce (32)  proof (32)
 *     dialler  → listener   proof (32)
 *
 * A proof is HMAC-SHA256 under the gate's secret of the role, the dialler's nonce and the listener's.
 */
const MAGIC = Buffer.from('skein/1\n')
const NONCE_BYTES = 32
const PROOF_BYTES = 32
/** Two messages of under a hundred bytes: who needs longer is not there to join. */
const DEADLINE_MS = 3_000
/** The last proof and what a member sends right behind it. */
const MOST_BUFFERED_BYTES = 1_024

type Role = 'dialler' | 'listener'
type Wire = ReturnType<typeof byteStream<MessageStream>>

/** Lets members through and drops everyone else, before any other protocol runs. */
export function createGate(network: NetworkKey): ConnectionProtector {
  const secret = network.derive('gate')
  return {
    async protect(connection, options) {
      const wire = byteStream(connection, { maxBufferSize: MOST_BUFFERED_BYTES })
      await withDeadline(options?.signal, async (signal) => {
        if (connection.direction === 'outbound') await enter(wire, secret, { signal })
        else await guard(wire, secret, { signal })
      })
      return wire.unwrap()
    },
  }
}

async function enter(wire: Wire, secret: Uint8Array, options: AbortOptions): Promise<void> {
  const ours = randomBytes(NONCE_BYTES)
  await wire.write(Buffer.concat([MAGIC, ours]), options)
  await readMagic(wire, options)
  const theirs = await read(wire, NONCE_BYTES, options)
  const shown = await read(wire, PROOF_BYTES, options)
  const nonces = { dialler: ours, listener: theirs }
  if (!timingSafeEqual(shown, proof(secret, 'listener', nonces))) {
    throw new ProtocolError('WRONG_NETWORK', 'it belongs to another network: the keys differ')
  }
  await wire.write(proof(secret, 'dialler', nonces), options)
}

async function guard(wire: Wire, secret: Uint8Array, options: AbortOptions): Promise<void> {
  await readMagic(wire, options)
  const theirs = await read(wire, NONCE_BYTES, options)
  const ours = randomBytes(NONCE_BYTES)
  const nonces = { dialler: theirs, listener: ours }
  await wire.write(Buffer.concat([MAGIC, ours, proof(secret, 'listener', nonces)]), options)
  const shown = await read(wire, PROOF_BYTES, options)
  if (!timingSafeEqual(shown, proof(secret, 'dialler', nonces))) {
    throw new ProtocolError('WRONG_NETWORK', 'an outsider without the key of this network')
  }
}

async function readMagic(wire: Wire, options: AbortOptions): Promise<void> {
  const magic = await read(wire, MAGIC.length, options)
  if (!MAGIC.equals(magic)) throw new ProtocolError('PEER_UNREACHABLE', 'no Skein node')
}

async function read(wire: Wire, bytes: number, options: AbortOptions): Promise<Uint8Array> {
  const { signal } = options
  return (await wire.read(signal === undefined ? { bytes } : { bytes, signal })).subarray()
}

function proof(secret: Uint8Array, role: Role, nonces: Record<Role, Uint8Array>): Buffer {
  return createHmac('sha256', secret)
    .update(role)
    .update(nonces.dialler)
    .update(nonces.listener)
    .digest()
}

/** One timer, cleared: `AbortSignal.any` and `AbortSignal.timeout` leave listeners behind. */
async function withDeadline(
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const controller = new AbortController()
  const stop = () => {
    controller.abort(outer?.reason)
  }
  const timer = setTimeout(() => {
    controller.abort(
      new ProtocolError('PEER_UNREACHABLE', `no word within ${DEADLINE_MS} ms of connecting`),
    )
  }, DEADLINE_MS)
  outer?.addEventListener('abort', stop, { once: true })
  try {
    outer?.throwIfAborted()
    await work(controller.signal)
  } finally {
    clearTimeout(timer)
    outer?.removeEventListener('abort', stop)
  }
}
