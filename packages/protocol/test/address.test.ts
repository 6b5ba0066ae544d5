import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAddress } from '../src/address.ts'
import { ProtocolError } from '../src/errors.ts'

describe('an address', () => {
  it.each([
    ['127.0.0.1:4100', '/ip4/127.0.0.1/tcp/4100'],
    [' workshop.local:80 ', '/dns/workshop.local/tcp/80'],
    ['workshop:0080', '/dns/workshop/tcp/80'],
    ['[::1]:4100', '/ip6/::1/tcp/4100'],
    ['/ip4/10.0.0.1/tcp/1', '/ip4/10.0.0.1/tcp/1'],
    ['/dns4/example.org/tcp/65535', '/dns4/example.org/tcp/65535'],
    [
      '/ip4/10.0.0.1/tcp/1/p2p/12D3KooWDVgWBbVMmbEfj6B1if5qdYqNtTnKaU5G7xo2L8pADd7U',
      '/ip4/10.0.0.1/tcp/1/p2p/12D3KooWDVgWBbVMmbEfj6B1if5qdYqNtTnKaU5G7xo2L8pADd7U',
    ],
  ])('%s is read', (text, expected) => {
    expect(parseAddress(text).toString()).toBe(expected)
  })

  it.each([
    '',
    'workshop',
    '4100',
    ':4100',
    'workshop:',
    'workshop:65536',
    'workshop:-1',
    'workshop:80/x',
    '::1:4100',
    'http://workshop:80',
    '/ip4/1.2.3/tcp/1',
    '/ip4/1.2.3.4',
    '/ip4/1.2.3.4/udp/1',
    '/ip4/1.2.3.4/tcp/1/p2p/nobody',
    '/',
  ])('"%s" is refused by name', (text) => {
    expect(() => parseAddress(text)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ADDRESS',
        message: `"${text}" is no address: write host:port, or /ip4/…/tcp/…/p2p/… as a node prints it`,
      }),
    )
  })

  it('is read or refused with a code, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `/${text}`),
        ),
        (text) => {
          let outcome: unknown
          try {
            outcome = parseAddress(text).toString().startsWith('/')
          } catch (error) {
            outcome = error instanceof ProtocolError && error.code === 'INVALID_ADDRESS'
          }
          expect(outcome).toBe(true)
        },
      ),
    )
  })
})
