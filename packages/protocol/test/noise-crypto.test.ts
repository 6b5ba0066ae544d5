import { randomBytes } from 'node:crypto'
import { pureJsCrypto } from '@chainsafe/libp2p-noise'
import { describe, expect, it } from 'vitest'
import { noiseCrypto } from '../src/noise-crypto.ts'

const bytes = (length: number) => new Uint8Array(randomBytes(length))

describe('the primitives of Noise', () => {
  it('seal and open as the library’s own do', () => {
    for (const length of [0, 1, 12, 63, 64, 65, 1_200, 65_519]) {
      const [key, nonce, associated, plain] = [
        bytes(32),
        bytes(12),
        bytes(length % 40),
        bytes(length),
      ]
      const ours = noiseCrypto.chaCha20Poly1305Encrypt(plain, nonce, associated, key).subarray()
      const theirs = pureJsCrypto.chaCha20Poly1305Encrypt(plain, nonce, associated, key).subarray()
      expect(Buffer.from(ours).equals(theirs)).toBe(true)
      const opened = noiseCrypto.chaCha20Poly1305Decrypt(theirs, nonce, associated, key).subarray()
      expect(Buffer.from(opened).equals(plain)).toBe(true)
    }
  })

  it('take each key for itself, also when many are in use', () => {
    const keys = Array.from({ length: 10 }, () => bytes(32))
    const nonce = bytes(12)
    const sealed = keys.map((key) =>
      noiseCrypto.chaCha20Poly1305Encrypt(Buffer.from('words'), nonce, bytes(0), key).subarray(),
    )
    for (const [index, key] of keys.entries()) {
      const opened = noiseCrypto.chaCha20Poly1305Decrypt(
        sealed[index] ?? bytes(0),
        nonce,
        bytes(0),
        key,
      )
      expect(Buffer.from(opened.subarray()).toString()).toBe('words')
    }
  })

  it('open nothing that was changed, cut, or sealed under another key', () => {
    const [key, nonce, associated] = [bytes(32), bytes(12), bytes(8)]
    const sealed = Buffer.from(
      noiseCrypto.chaCha20Poly1305Encrypt(bytes(40), nonce, associated, key).subarray(),
    )
    const open = (text: Uint8Array, with_: Uint8Array = key) =>
      noiseCrypto.chaCha20Poly1305Decrypt(text, nonce, associated, with_)
    for (const place of sealed.keys()) {
      const changed = Buffer.from(sealed)
      changed[place] = (changed[place] ?? 0) ^ 1
      expect(() => open(changed)).toThrow(Error)
    }
    for (const length of [0, 15, 16, 55])
      expect(() => open(sealed.subarray(0, length))).toThrow(Error)
    expect(() => open(sealed, bytes(32))).toThrow(Error)
  })

  it('agree on a shared key with the library’s own', () => {
    const ours = noiseCrypto.generateX25519KeyPair()
    const theirs = pureJsCrypto.generateX25519KeyPair()
    expect([ours.publicKey.length, ours.privateKey.length]).toEqual([32, 32])
    expect(
      Buffer.from(noiseCrypto.generateX25519SharedKey(ours.privateKey, theirs.publicKey)).equals(
        pureJsCrypto.generateX25519SharedKey(theirs.privateKey, ours.publicKey),
      ),
    ).toBe(true)
    const seed = bytes(32)
    expect(Buffer.from(noiseCrypto.generateX25519KeyPairFromSeed(seed).publicKey)).toEqual(
      Buffer.from(pureJsCrypto.generateX25519KeyPairFromSeed(seed).publicKey),
    )
  })

  it('hash and derive as the library’s own do', () => {
    const [one, other] = [bytes(32), bytes(50)]
    expect(Buffer.from(noiseCrypto.hashSHA256(other))).toEqual(
      Buffer.from(pureJsCrypto.hashSHA256(other)),
    )
    expect(noiseCrypto.getHKDF(one, other)).toEqual(pureJsCrypto.getHKDF(one, other))
  })
})
