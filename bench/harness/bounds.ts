import type { Task } from './peer.ts'
import { scenarioOf, speedOf } from './scenarios.ts'

/**
 * No schedule can be shorter (Q||Cmax): for every k, the k longest tasks need at least their sum
 * over the k fastest slots, and everything needs the total over all slots. Milliseconds.
 */
export function lowerBound(tasks: readonly Task[], scenario: string, workers: number): number {
  const speeds = slotSpeeds(scenario, workers).toSorted((a, b) => b - a)
  const lengths = tasks.map((task) => task.ms).toSorted((a, b) => b - a)
  let bound = 0
  let work = 0
  let power = 0
  for (const [k, speed] of speeds.entries()) {
    work += lengths[k] ?? 0
    power += speed
    bound = Math.max(bound, work / power)
  }
  return Math.max(bound, lengths.reduce((a, b) => a + b, 0) / power)
}

/**
 * What a scheduler without knowledge of lengths reaches at best: the next task goes to the first
 * free slot, of several to the fastest. Milliseconds.
 */
export function firstComeMakespan(
  tasks: readonly Task[],
  scenario: string,
  workers: number,
): number {
  const slots = slotSpeeds(scenario, workers).map((speed) => ({ speed, freeAt: 0 }))
  for (const { ms } of tasks) {
    const next = slots.reduce((a, b) =>
      b.freeAt < a.freeAt || (b.freeAt === a.freeAt && b.speed > a.speed) ? b : a,
    )
    next.freeAt += ms / next.speed
  }
  return Math.max(...slots.map((slot) => slot.freeAt))
}

function slotSpeeds(name: string, workers: number): number[] {
  const scenario = scenarioOf(name)
  return Array.from({ length: workers * scenario.slots }, (_, index) =>
    speedOf(scenario, Math.floor(index / scenario.slots)),
  )
}
