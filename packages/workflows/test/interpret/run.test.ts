import { describe, expect, it } from 'vitest'
import { branchDice, mix, taken, type Dice } from '../../src/interpret/run.ts'

function dice(seed: number | undefined): Dice {
  return { seed, drawSeed: () => seed ?? 99, questions: 0, draws: 0, branches: 0 }
}

describe('the seed of a question', () => {
  it('[D8] is the same for the same run and count, on every machine', () => {
    expect([mix(0, 0), mix(1, 1), mix(7, 3), mix(-5, 2)]).toMatchInlineSnapshot(`
      [
        150897013,
        116087017,
        1755140619,
        1349125462,
      ]
    `)
  })

  it('[D8] is a whole number that every engine takes, and hardly ever the same twice', () => {
    const seeds = Array.from({ length: 20_000 }, (_, count) => mix(42, count - 1000))
    expect(seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31)).toBe(true)
    expect(new Set(seeds).size).toBeGreaterThan(19_990)
  })
})

describe('the dice of a branch', () => {
  it('[D15] differ from branch to branch, and are the same again in the next run', () => {
    const [run, again] = [dice(1), dice(1)]
    const made = [branchDice(run), branchDice(run)]
    expect(made.map(({ seed }) => seed)).toEqual([branchDice(again).seed, branchDice(again).seed])
    expect(made[0]?.seed).not.toBe(made[1]?.seed)
    expect(made[0]?.drawSeed()).not.toBe(made[1]?.drawSeed())
    expect(made.every(({ questions, draws, branches }) => questions + draws + branches === 0)).toBe(
      true,
    )
  })

  it('[D15] leave sampling to the model where the run has no seed, and still draw each their own', () => {
    const run = dice(undefined)
    const made = [branchDice(run), branchDice(run)]
    expect(made.map(({ seed }) => seed)).toEqual([undefined, undefined])
    expect(new Set([99, ...made.map(({ drawSeed }) => drawSeed())]).size).toBe(3)
  })
})

describe('an answer', () => {
  it('[P7] is taken where it is of the kind that was asked for', () => {
    const answer = { kind: 'result', value: 7 } as const
    expect(taken(answer, 'result')).toBe(answer)
  })

  it.each([true, false])(
    '[P7] that is a failure says whether it may succeed elsewhere: %s',
    (retryable) => {
      const answer = { kind: 'failure', code: 'FAILED', message: 'no node', retryable } as const
      const failure = { code: 'STEP_FAILED', message: 'no node', retryable }
      expect(() => taken(answer, 'result')).toThrow(expect.objectContaining(failure))
    },
  )

  it('[P7] of another kind belongs to another workflow', () => {
    const failure = {
      code: 'BAD_CHECKPOINT',
      message: "an answer of the kind 'result' came where 'completion' was asked for",
    }
    expect(() => taken({ kind: 'result', value: 7 }, 'completion')).toThrow(
      expect.objectContaining(failure),
    )
  })
})
