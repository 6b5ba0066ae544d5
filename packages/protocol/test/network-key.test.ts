import { readFile, stat, writeFile } from 'node:fs/promises'
import { inspect } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createNetworkKey,
  loadNetworkKey,
  NetworkKey,
  parseNetworkKey,
} from '../src/network-key.ts'
import { temporaryFolder } from './temporary-folder.ts'

const KEY = new NetworkKey(Uint8Array.from({ length: 32 }, (_, index) => index))
const TEXT = 'skein1AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9jDc0p'

describe('a network key', () => {
  it('is written as the protocol says, byte for byte', () => {
    expect(KEY.toText()).toBe(TEXT)
    expect(parseNetworkKey(` ${TEXT}\n`).toText()).toBe(TEXT)
  })

  it('has a secret of its own for each purpose, as the protocol says', () => {
    const hex = (purpose: 'gate' | 'noise') => Buffer.from(KEY.derive(purpose)).toString('hex')
    expect(hex('gate')).toBe('3f7eb43bd191faa153d0f8ef2db5f5810f4b1402313d2010004c2a386be1b39a')
    expect(hex('noise')).toBe('886761714932c2c5fbb73c05e1c259ee088210d4327f60bb27cc4e0ced0a0b3f')
    expect(KEY.id).toBe('7543ea5af827ff49')
  })

  it('is another each time one is made', () => {
    expect(createNetworkKey().toText()).not.toBe(createNetworkKey().toText())
    expect(createNetworkKey().id).not.toBe(createNetworkKey().id)
  })

  it('is refused when any character of it is mistyped', () => {
    const letters = 'ABCxyz019-_ =+/'.split('')
    fc.assert(
      fc.property(fc.nat(TEXT.length - 1), fc.constantFrom(...letters), (place, letter) => {
        fc.pre(TEXT[place] !== letter && !(place === TEXT.length - 1 && letter === ' '))
        const mistyped = TEXT.slice(0, place) + letter + TEXT.slice(place + 1)
        expect(() => parseNetworkKey(mistyped)).toThrow('no network key')
      }),
    )
  })

  it('is refused when it is cut, too long, or something else', () => {
    for (const text of ['', 'skein1', TEXT.slice(0, -1), `${TEXT}A`, TEXT.toUpperCase(), 'hello']) {
      expect(() => parseNetworkKey(text)).toThrow('copy it again, whole')
    }
    expect(() => new NetworkKey(new Uint8Array(31))).toThrow('32 bytes')
  })

  it('[N16] shows nothing of itself when it is printed, put into JSON or refused', () => {
    const secret = Buffer.from(KEY.derive('gate')).toString('hex')
    for (const shown of [inspect(KEY, { depth: 9, showHidden: true }), JSON.stringify(KEY)]) {
      expect(shown).not.toContain(TEXT.slice(6, 20))
      expect(shown).not.toContain(secret)
    }
    expect(() => parseNetworkKey(TEXT.slice(0, -2))).not.toThrow(TEXT.slice(6, 20))
  })
})

describe('the file of a network key', () => {
  const file = temporaryFolder()

  it('is made on first use, for its owner only, and read ever after', async () => {
    const made = await loadNetworkKey(file('deep/network.key'))
    expect((await stat(file('deep/network.key'))).mode & 0o777).toBe(0o600)
    expect((await stat(file('deep'))).mode & 0o777).toBe(0o700)
    expect((await loadNetworkKey(file('deep/network.key'))).toText()).toBe(made.toText())
  })

  it('is refused when it is damaged, with the way out', async () => {
    await writeFile(file('network.key'), TEXT.replace('AAEC', 'AAED'), { mode: 0o600 })
    await expect(loadNetworkKey(file('network.key'))).rejects.toMatchObject({
      code: 'INVALID_KEY',
      message: `the network key in ${file('network.key')} is damaged: restore the file, or delete it to make a new one`,
    })
    expect(await readFile(file('network.key'), 'utf8')).toContain('AAED')
  })
})
