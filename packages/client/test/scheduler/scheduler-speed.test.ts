import { describe, expect, it } from 'vitest'
import { request, SimulatedFleet } from './simulated-fleet.ts'
import { logNormal, seededRandom } from '../virtual-time.ts'

/** No schedule can be faster: all work over all power, and the longest tasks on the fastest slots. */
function idealMs(lengths: readonly number[], speeds: readonly number[]): number {
  const tasks = lengths.toSorted((a, b) => b - a)
  const slots = speeds.toSorted((a, b) => b - a)
  let bound = 0
  let work = 0
  let power = 0
  slots.forEach((speed, i) => {
    work += tasks[i] ?? 0
    power += speed
    bound = Math.max(bound, work / power)
  })
  const all = lengths.reduce((sum, length) => sum + length, 0)
  return Math.max(bound, all / power)
}

interface Case {
  readonly tasks: number
  readonly slots: number
  readonly credits: number
  readonly meanMs: number
  readonly travelMs?: number
}

function play(seed: number, { tasks, slots, credits, meanMs, travelMs = 0.2 }: Case) {
  const random = seededRandom(seed)
  const lengths = Array.from({ length: tasks }, () => logNormal(random, meanMs, 1))
  const fleet = new SimulatedFleet(random, (task) => lengths[Number(task)] ?? 0)
  const speeds = [1, 2, 4, 8]
  for (const speed of speeds) {
    fleet.join({ id: `x${speed}`, models: ['m'], slots, credits, speed, travelMs })
  }
  fleet.submit(...lengths.map((_, i) => request(String(i))))
  expect(fleet.time.play(3_600_000)).toBe(true)
  expect(fleet.violations).toEqual([])
  expect(fleet.settled.size).toBe(tasks)
  const ideal = idealMs(
    lengths,
    speeds.flatMap((speed) => Array.from({ length: slots }, () => speed)),
  )
  const makespan = Math.max(...fleet.ends)
  return { ratio: makespan / ideal, doubles: fleet.assigned.length - tasks }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

describe('a fleet of speeds 1, 2, 4 and 8', () => {
  it.each([
    { tasks: 400, slots: 1, credits: 2, meanMs: 1000 },
    { tasks: 400, slots: 4, credits: 8, meanMs: 1000 },
    { tasks: 3000, slots: 4, credits: 6, meanMs: 120 },
  ])('[N8] ends within 1.25 of the ideal time: %o', (scene) => {
    const runs = Array.from({ length: 20 }, (_, seed) => play(seed, scene))
    expect(mean(runs.map(({ ratio }) => ratio))).toBeLessThan(1.25)
    expect(mean(runs.map(({ doubles }) => doubles))).toBeLessThan(scene.tasks / 20)
  })

  it('keeps slots at least 95 % full when there is plenty to do', () => {
    const scene = { tasks: 3000, slots: 4, credits: 6, meanMs: 120 }
    const runs = Array.from({ length: 20 }, (_, seed) => play(seed, scene))
    expect(1 / mean(runs.map(({ ratio }) => ratio))).toBeGreaterThan(0.95)
  })

  it('keeps slots full over a distance by sending ahead', () => {
    const fleet = new SimulatedFleet(
      () => 0.5,
      () => 200,
    )
    for (const id of ['a', 'b', 'c', 'd']) {
      fleet.join({ id, models: ['m'], slots: 4, credits: 8, speed: 1, travelMs: 50 })
    }
    fleet.submit(...Array.from({ length: 480 }, (_, i) => request(String(i))))
    fleet.time.play(60_000)
    const idealWithTravel = (480 / 16) * 200 + 100
    expect(Math.max(...fleet.ends)).toBeLessThan(idealWithTravel * 1.05)
  })
})
