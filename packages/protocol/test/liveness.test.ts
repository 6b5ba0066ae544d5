import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LIVENESS, Liveness } from '../src/liveness.ts'

describe('liveness', () => {
  it('waits while the peer speaks, and looks again two seconds after its last word', () => {
    const liveness = new Liveness(0)
    liveness.heard(1_500)
    expect(liveness.check(2_000)).toEqual({ verdict: 'wait', lookAgainMs: 1_500 })
  })

  it('[N4] pings after two seconds of silence and gives up after six', () => {
    const liveness = new Liveness(0)
    expect(liveness.check(2_000)).toEqual({ verdict: 'ping', lookAgainMs: 2_000 })
    expect(liveness.check(4_000)).toEqual({ verdict: 'ping', lookAgainMs: 2_000 })
    expect(liveness.check(6_000)).toEqual({ verdict: 'silent' })
  })

  it('looks at the sixth second, not at the next ping after it', () => {
    const liveness = new Liveness(0)
    liveness.heard(500)
    expect(liveness.check(2_500)).toEqual({ verdict: 'ping', lookAgainMs: 2_000 })
    expect(liveness.check(4_600)).toEqual({ verdict: 'ping', lookAgainMs: 1_900 })
    expect(liveness.check(6_500)).toEqual({ verdict: 'silent' })
  })

  it('takes any sign of life, also after a ping', () => {
    const liveness = new Liveness(0)
    liveness.check(2_000)
    liveness.check(4_000)
    liveness.heard(5_900)
    expect(liveness.check(6_000)).toEqual({ verdict: 'wait', lookAgainMs: 1_900 })
  })

  it('blames nobody for its own standstill, but gives no more than one chance', () => {
    const liveness = new Liveness(0)
    expect(liveness.check(60_000)).toEqual({ verdict: 'ping', lookAgainMs: 2_000 })
    expect(liveness.check(62_000)).toEqual({ verdict: 'ping', lookAgainMs: 2_000 })
    expect(liveness.check(64_000)).toEqual({ verdict: 'silent' })
  })

  it('never gives up on a peer that answers every ping within two seconds', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1_999 }), { minLength: 1 }), (delays) => {
        const liveness = new Liveness(0)
        let now = 0
        let look = liveness.check(now)
        for (const delay of delays) {
          if (look.verdict === 'silent') break
          if (look.verdict === 'ping') liveness.heard(now + delay)
          now += look.lookAgainMs
          look = liveness.check(now)
        }
        expect(look.verdict).not.toBe('silent')
      }),
    )
  })

  it('always gives up on a dead peer by the sixth second, when it is asked in time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), (last) => {
        const liveness = new Liveness(last)
        let now = last + LIVENESS.pingAfterMs
        let look = liveness.check(now)
        while (look.verdict !== 'silent') {
          now += look.lookAgainMs
          look = liveness.check(now)
        }
        expect(now).toBe(last + LIVENESS.silentAfterMs)
      }),
    )
  })
})
