import { array, assert, constantFrom, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPublicAddress } from '../../src/tools/address-rules.ts'

describe('an address', () => {
  it.each([
    '127.0.0.1',
    '127.255.255.254',
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::7f00:1',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'fe80::1%eth0',
    'ff02::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '2001:0:7f00:1::',
    'localhost',
    '',
    '1.2.3',
    '0x7f.1',
  ])('[D13] %s is refused', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })

  it.each(['1.1.1.1', '8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::1'])(
    '[D13] %s of the public internet is let through',
    (address) => {
      expect(isPublicAddress(address)).toBe(true)
    },
  )

  it('[D13] of a private range is refused however IPv6 writes it', () => {
    assert(
      property(
        constantFrom([127], [10], [192, 168], [169, 254], [172, 16]),
        array(integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 }),
        (prefix, rest) => {
          const bytes = [...prefix, ...rest].slice(0, 4)
          const [a = 0, b = 0, c = 0, d = 0] = bytes
          const high = (a * 256 + b).toString(16)
          const low = (c * 256 + d).toString(16)
          expect(isPublicAddress(bytes.join('.'))).toBe(false)
          expect(isPublicAddress(`::ffff:${bytes.join('.')}`)).toBe(false)
          expect(isPublicAddress(`64:ff9b::${high}:${low}`)).toBe(false)
          expect(isPublicAddress(`2002:${high}:${low}::1`)).toBe(false)
        },
      ),
    )
  })
})
