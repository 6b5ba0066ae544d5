import { describe, expect, it } from 'vitest'
import { listenFailure } from '../src/listen-failure.ts'

const told = (error: unknown) => listenFailure(error, ['/ip4/127.0.0.1/tcp/80'])

describe('a failure to listen', () => {
  it('names a port that is in use', () => {
    expect(
      told(new Error('x: listen EADDRINUSE: address already in use 127.0.0.1:80')),
    ).toMatchObject({
      code: 'ADDRESS_IN_USE',
      message: expect.stringMatching(/^port 80 is in use by another program: stop it/u) as unknown,
    })
    expect(told(new Error('EADDRINUSE'))).toMatchObject({
      code: 'ADDRESS_IN_USE',
      message: expect.stringMatching(/^\/ip4\/127.0.0.1\/tcp\/80 is in use/u) as unknown,
    })
  })

  it('says who may listen on a low port', () => {
    expect(told(new Error('listen EACCES: permission denied'))).toMatchObject({
      code: 'INVALID_ADDRESS',
      message: expect.stringContaining('ports below 1024') as unknown,
    })
  })

  it('says that the machine has no such address', () => {
    for (const error of [new Error('EADDRNOTAVAIL'), 'a word']) {
      expect(told(error)).toMatchObject({
        code: 'INVALID_ADDRESS',
        message: 'cannot listen on /ip4/127.0.0.1/tcp/80: this machine has no such address',
        cause: error,
      })
    }
  })
})
