import { WorkflowError } from '@skein/workflows'
import { describe, expect, it } from 'vitest'
import { campaign, replay, timed } from './campaign.ts'
import { randomFor } from './random.ts'
import { TARGETS } from './targets.ts'

describe.each(Object.values(TARGETS))('a made input: $name', (target) => {
  it('[X6] is read or refused in time, the kept ones first', () => {
    expect(campaign(target, { count: 0, seed: 1 }).failures).toEqual([])
  })

  it('[X6] crashes nothing, whatever it is', () => {
    const crashes: string[] = []
    let accepted = 0
    for (let index = 0; index < 1500; index += 1) {
      const input = target.make(randomFor(20_261_121, index))
      const { outcome } = timed(target, input)
      if (outcome === 'accepted') accepted += 1
      else if (outcome !== 'refused') crashes.push(`${outcome}: ${input.slice(0, 2000)}`)
    }
    expect(crashes).toEqual([])
    // Inputs that are all refused would reach little.
    expect(accepted).toBeGreaterThan(50)
  })

  it('[X6] is the same for the same seed', () => {
    const [first, again, other] = [7, 7, 8].map((seed) =>
      [0, 1, 2].map((index) => target.make(randomFor(seed, index))),
    )
    expect(again).toEqual(first)
    expect(other).not.toEqual(first)
  })
})

function crash(): never {
  throw new RangeError('too deep')
}

function refuse(): never {
  throw new WorkflowError('INVALID_DOCUMENT', 'no')
}

/** Keeps the processor busy for so many milliseconds. */
function take(ms: number): void {
  const before = process.threadCpuUsage()
  for (let spent = 0; spent < ms * 1000;) {
    const { user, system } = process.threadCpuUsage(before)
    spent = user + system
  }
}

function takeLong(): void {
  take(15)
}

describe('a campaign', () => {
  const calm = { name: 'calm', seeds: ['seed'], make: () => 'made', read: () => undefined } as const

  it('[X6] tells of every input that crashes its reader, and of no refusal', () => {
    const { failures, inputs } = campaign({ ...calm, read: crash }, { count: 2, seed: 1 })
    expect(inputs).toBe(3)
    expect(failures.map(({ input, reason }) => [input, reason])).toEqual([
      ['seed', 'it crashes: RangeError: too deep'],
      ['made', 'it crashes: RangeError: too deep'],
      ['made', 'it crashes: RangeError: too deep'],
    ])
  })

  it('[X6] tells of an input that takes too long each time', () => {
    const { failures, worst } = campaign({ ...calm, read: takeLong }, { count: 1, seed: 1 })
    expect(failures.map(({ input }) => input)).toEqual(['seed', 'made'])
    expect(worst.msPerKb).toBeGreaterThanOrEqual(15)
  })

  it('[X6] reads a found input again, and says what came of it', () => {
    expect(replay(calm, 'x')).toMatchObject({ outcome: 'accepted', error: undefined })
    expect(replay({ ...calm, read: refuse }, 'x')).toMatchObject({
      outcome: 'refused',
      error: { message: 'no' },
    })
    const crashed = replay({ ...calm, read: crash }, 'x')
    expect(crashed.outcome).toBe('it crashes: RangeError: too deep')
    expect(crashed.error).toBeInstanceOf(RangeError)
    expect(replay({ ...calm, read: takeLong }, 'x').outcome).toMatch(/^it takes \d+\.\d ms for/)
  })

  it('[X6] does not blame an input for what the machine did meanwhile', () => {
    let runs = 0
    const read = (): void => {
      runs += 1
      if (runs === 1) take(15)
    }
    expect(campaign({ ...calm, read }, { count: 1, seed: 1 }).failures).toEqual([])
  })
})
