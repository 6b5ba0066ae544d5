import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto'
import { pureJsCrypto, type ICryptoInterface } from '@chainsafe/libp2p-noise'

/**
 * Noise's primitives by node:crypto. The library's own hand every record's key over as bytes, which
 * node:crypto turns into a key object each time: 15 to 25 µs a record, three times the cipher itself.
 */
const CIPHER = 'chacha20-poly1305'
const TAG_BYTES = 16
/** What stands before the 32 bytes of an X25519 key in DER. */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex')
const PUBLIC_PREFIX = Buffer.from('302a300506032b656e032100', 'hex')

type Bytes = Parameters<ICryptoInterface['hashSHA256']>[0]

/** The key object of each record key; both are gone when the connection is. */
const keyObjects = new WeakMap<Uint8Array, KeyObject>()

/** The primitives that Noise asks for. */
export const noiseCrypto: ICryptoInterface = {
  getHKDF: (chainingKey, material) => pureJsCrypto.getHKDF(chainingKey, material),

  hashSHA256: (data) => createHash('sha256').update(data.subarray()).digest(),

  generateX25519KeyPair: () => {
    const { publicKey, privateKey } = generateKeyPairSync('x25519')
    return {
      publicKey: publicKey.export({ type: 'spki', format: 'der' }).subarray(PUBLIC_PREFIX.length),
      privateKey: privateKey
        .export({ type: 'pkcs8', format: 'der' })
        .subarray(PRIVATE_PREFIX.length),
    }
  },

  generateX25519KeyPairFromSeed: (seed) => {
    const publicKey = createPublicKey(privateKeyFrom(seed))
    return {
      publicKey: publicKey.export({ type: 'spki', format: 'der' }).subarray(PUBLIC_PREFIX.length),
      privateKey: seed,
    }
  },

  generateX25519SharedKey: (privateKey, publicKey) =>
    diffieHellman({
      privateKey: privateKeyFrom(privateKey),
      publicKey: createPublicKey({
        key: Buffer.concat([PUBLIC_PREFIX, publicKey.subarray()]),
        type: 'spki',
        format: 'der',
      }),
    }),

  // oxlint-disable-next-line max-params -- the library's interface has them
  chaCha20Poly1305Encrypt: (plaintext, nonce, associated, key) => {
    const cipher = createCipheriv(CIPHER, keyObject(key), nonce, { authTagLength: TAG_BYTES })
    cipher.setAAD(associated, { plaintextLength: plaintext.byteLength })
    const sealed = cipher.update(plaintext.subarray())
    cipher.final()
    return Buffer.concat([sealed, cipher.getAuthTag()])
  },

  // oxlint-disable-next-line max-params -- the library's interface has them
  chaCha20Poly1305Decrypt: (ciphertext, nonce, associated, key) => {
    const bytes = ciphertext.subarray()
    const end = bytes.length - TAG_BYTES
    const decipher = createDecipheriv(CIPHER, keyObject(key), nonce, { authTagLength: TAG_BYTES })
    decipher.setAAD(associated, { plaintextLength: end })
    decipher.setAuthTag(bytes.subarray(end))
    const opened = decipher.update(bytes.subarray(0, end))
    decipher.final()
    return opened
  },
}

function keyObject(key: Uint8Array): KeyObject {
  const known = keyObjects.get(key)
  if (known !== undefined) return known
  const made = createSecretKey(key)
  keyObjects.set(key, made)
  return made
}

function privateKeyFrom(raw: Bytes): KeyObject {
  return createPrivateKey({
    key: Buffer.concat([PRIVATE_PREFIX, raw.subarray()]),
    type: 'pkcs8',
    format: 'der',
  })
}
