import { noise, type NoiseComponents } from '@chainsafe/libp2p-noise'
import type { ConnectionEncrypter, MessageStream, SecuredConnection } from '@libp2p/interface'
import type { NetworkKey } from './network-key.ts'
import { noiseCrypto } from './noise-crypto.ts'
import { readLengthsCheaply } from './record-length.ts'

/** The argument of `MessageStream.send`: bytes, or a list of pieces of them. */
type Bytes = Parameters<MessageStream['send']>[0]

/**
 * Noise for the members of one network. The prologue binds the handshake to the network's key: who
 * relays the gate without having the key cannot finish it.
 */
export function encryption(
  network: NetworkKey,
): (components: NoiseComponents) => ConnectionEncrypter {
  const create = noise({ prologueBytes: network.derive('noise'), crypto: noiseCrypto })
  return (components) => {
    const inner = create(components)
    return {
      protocol: inner.protocol,
      secureInbound: async (connection, options) =>
        onceATurn(await inner.secureInbound(inOnePiece(connection), options)),
      secureOutbound: async (connection, options) =>
        onceATurn(await inner.secureOutbound(inOnePiece(connection), options)),
    }
  }
}

/**
 * Noise gives a record away as its length and its bytes, which TCP would write one by one: two system
 * calls for us, and two for the peer.
 */
function inOnePiece(connection: MessageStream): MessageStream {
  return withSend(connection, (bytes) => connection.send(bytes.subarray()))
}

/**
 * Encrypts and writes once per turn of the event loop. Yamux sends a window update for each piece of
 * data that comes, and would spend a record and a system call on it.
 */
function onceATurn(secured: SecuredConnection): SecuredConnection {
  const { connection } = secured
  readLengthsCheaply(connection)
  let pieces: Uint8Array[] = []
  const flush = () => {
    const all = pieces
    pieces = []
    try {
      connection.send(Buffer.concat(all))
    } catch {
      // The connection ended in the same turn; its close event tells those who wait.
    }
  }
  const send = (bytes: Bytes) => {
    if (pieces.length === 0) setImmediate(flush)
    if (bytes instanceof Uint8Array) pieces.push(bytes)
    else pieces.push(...bytes)
    return !connection.writableNeedsDrain
  }
  return { ...secured, connection: withSend(connection, send) }
}

/** The same connection but for one method. */
function withSend(connection: MessageStream, send: (bytes: Bytes) => boolean): MessageStream {
  return new Proxy(connection, {
    get(target, name) {
      if (name === 'send') return send
      const value: unknown = Reflect.get(target, name, target)
      // A method looks for private fields on what it is called on; `log` is no method, but a function.
      return typeof value === 'function' && !Object.hasOwn(target, name)
        ? (value.bind(target) as unknown)
        : value
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  })
}
