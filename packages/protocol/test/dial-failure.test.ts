import { describe, expect, it } from 'vitest'
import { dialFailure, interruption } from '../src/dial-failure.ts'
import { ProtocolError } from '../src/errors.ts'

const signal = new AbortController().signal
const told = (error: unknown) => dialFailure(error, { address: 'workshop:4100', signal })

describe('a failed dial', () => {
  it.each([
    ['connect ECONNREFUSED 127.0.0.1:1', 'PEER_UNREACHABLE', 'is it running?'],
    ['getaddrinfo ENOTFOUND workshop', 'PEER_UNREACHABLE', 'no machine has that name'],
    ['connect EHOSTUNREACH 10.0.0.1:1', 'PEER_UNREACHABLE', 'no way to that machine'],
    ['read ECONNRESET', 'PEER_UNREACHABLE', 'takes no more peers'],
    ['Unexpected EOF - stream closed after reading 0/8 bytes', 'PEER_UNREACHABLE', 'no Skein node'],
    ['Connection timeout after 6000ms', 'PEER_UNREACHABLE', 'in time'],
    ['key A does not match expected remote identity key B', 'WRONG_PEER', 'present address'],
    ['Tried to dial self', 'INVALID_ADDRESS', 'this very program'],
    ['something new', 'PEER_UNREACHABLE', 'could not be reached'],
  ])('by "%s" is %s', (message, code, words) => {
    const cause = new Error(message)
    expect(told(cause)).toMatchObject({ code, cause })
    expect(told(cause).message).toMatch(/^workshop:4100 /u)
    expect(told(cause).message).toContain(words)
  })

  it('by a protocol that the peer does not speak is a wrong version', () => {
    const cause = new Error('could not negotiate')
    cause.name = 'UnsupportedProtocolError'
    expect(told(cause)).toMatchObject({ code: 'WRONG_VERSION' })
  })

  it('at all addresses of a name is told by what says most', () => {
    const refused = new Error('connect ECONNREFUSED ::1:1')
    const outsider = new ProtocolError('WRONG_NETWORK', 'keys differ')
    expect(told(new AggregateError([refused, outsider]))).toMatchObject({ code: 'WRONG_NETWORK' })
    expect(told(new AggregateError([refused, new Error('?')]))).toMatchObject({ cause: refused })
    expect(told(new AggregateError([], 'none'))).toMatchObject({ code: 'PEER_UNREACHABLE' })
    expect(told('a word')).toMatchObject({ code: 'PEER_UNREACHABLE' })
  })

  it('that was given up is told by its reason, and a deadline in our words', () => {
    const reason = new Error('changed my mind')
    expect(interruption('workshop:4100', reason)).toBe(reason)
    for (const end of [new DOMException('late', 'TimeoutError'), 'a word', undefined]) {
      expect(interruption('workshop:4100', end)).toMatchObject({
        code: 'TIMED_OUT',
        message: 'workshop:4100 did not answer in time',
        retryable: true,
      })
    }
  })
})
