import {
  generateKeyPair,
  generateKeyPairFromSeed,
  privateKeyFromProtobuf,
  privateKeyToProtobuf,
} from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { ProtocolError } from './errors.ts'
import { loadSecret } from './secret-file.ts'

const SEED_BYTES = 32

/** Who a program is: an Ed25519 key pair whose public half is its peer id. */
export interface Identity {
  /** The id that others know it by: `12D3KooW…`. */
  readonly peer: string
  /** The secret half, for the handshake and for signatures. */
  readonly privateKey: Ed25519PrivateKey
}

/** Makes an identity that lasts as long as the program keeps it. */
export async function createIdentity(): Promise<Identity> {
  return identityOf(await generateKeyPair('Ed25519'))
}

/**
 * The identity of that file; made on first use, readable by its owner only.
 *
 * @throws {ProtocolError} `INVALID_KEY` when the file is damaged, unreadable or open to others
 */
export function loadIdentity(file: string): Promise<Identity> {
  return loadSecret(file, {
    what: 'identity',
    create: async () =>
      Buffer.from(privateKeyToProtobuf((await createIdentity()).privateKey)).toString('base64url'),
    parse: parseIdentity,
  })
}

async function parseIdentity(text: string): Promise<Identity> {
  const key = privateKeyFromProtobuf(Buffer.from(text.trim(), 'base64url'))
  if (key.type !== 'Ed25519') throw new ProtocolError('INVALID_KEY', 'not an Ed25519 key')
  // The file holds both halves, and libp2p believes the public one: damage shows only here.
  const derived = await generateKeyPairFromSeed('Ed25519', key.raw.subarray(0, SEED_BYTES))
  if (!derived.publicKey.equals(key.publicKey)) {
    throw new ProtocolError('INVALID_KEY', 'the halves of the key do not belong together')
  }
  return identityOf(derived)
}

function identityOf(privateKey: Ed25519PrivateKey): Identity {
  return { peer: peerIdFromPrivateKey(privateKey).toString(), privateKey }
}
