import { createHash, createHmac, randomBytes } from 'node:crypto'
import { ProtocolError } from './errors.ts'
import { loadSecret } from './secret-file.ts'

/**
 * The text of a key: `skein1`, then base64url of the 32 bytes and the first 4 bytes of their
 * SHA-256, so that a mistyped key is told from the key of another network.
 */
const PREFIX = 'skein1'
const KEY_BYTES = 32
const CHECK_BYTES = 4

/** What a key is used for; each use has its own secret. */
export type KeyPurpose = 'gate' | 'noise' | 'name'

/** The secret that makes a network: who has it is a member. Printing one shows nothing. */
export class NetworkKey {
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    if (bytes.length !== KEY_BYTES) {
      throw new ProtocolError('INVALID_KEY', `a network key has ${KEY_BYTES} bytes`)
    }
    this.#bytes = Uint8Array.from(bytes)
  }

  /** Names the network without giving the key away: 16 hexadecimal digits. */
  get id(): string {
    return Buffer.from(this.derive('name')).toString('hex', 0, 8)
  }

  /** HMAC-SHA256 of the purpose under the key: 32 bytes. */
  derive(purpose: KeyPurpose): Uint8Array {
    return createHmac('sha256', this.#bytes).update(`skein/1 ${purpose}`).digest()
  }

  /** The secret as text, to be written down or sent to a new member. */
  toText(): string {
    const bytes = Buffer.concat([this.#bytes, checksum(this.#bytes)])
    return PREFIX + bytes.toString('base64url')
  }
}

/** Makes a new network. */
export function createNetworkKey(): NetworkKey {
  return new NetworkKey(randomBytes(KEY_BYTES))
}

/**
 * Reads the text that `toText` wrote.
 *
 * @throws {ProtocolError} `INVALID_KEY` when it is no key or was mistyped
 */
export function parseNetworkKey(text: string): NetworkKey {
  const trimmed = text.trim()
  const bytes = Buffer.from(trimmed.slice(PREFIX.length), 'base64url')
  const key = bytes.subarray(0, KEY_BYTES)
  const wellFormed =
    trimmed === PREFIX + bytes.toString('base64url') && bytes.length === KEY_BYTES + CHECK_BYTES
  if (!wellFormed || !checksum(key).equals(bytes.subarray(KEY_BYTES))) {
    throw new ProtocolError(
      'INVALID_KEY',
      `this is no network key: one starts with ${PREFIX} and has ${PREFIX.length + 48} characters; copy it again, whole`,
    )
  }
  return new NetworkKey(key)
}

/**
 * The key of that file; made on first use, readable by its owner only.
 *
 * @throws {ProtocolError} `INVALID_KEY` when the file is damaged, unreadable or open to others
 */
export function loadNetworkKey(file: string): Promise<NetworkKey> {
  return loadSecret(file, {
    what: 'network key',
    create: () => Promise.resolve(createNetworkKey().toText()),
    parse: (text) => Promise.resolve(parseNetworkKey(text)),
  })
}

function checksum(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest().subarray(0, CHECK_BYTES)
}
