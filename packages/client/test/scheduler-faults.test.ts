import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  finish,
  request,
  SimulatedFleet,
  type Fate,
  type SimulatedNode,
} from './simulated-fleet.ts'
import { seededRandom } from './virtual-time.ts'

interface Disaster {
  readonly atMs: number
  readonly node: number
  readonly kind: 'kill' | 'revive' | 'shrink' | 'grow' | 'late' | 'pause'
}

const disasters = fc.array(
  fc.record({
    atMs: fc.nat(20_000),
    node: fc.nat(3),
    kind: fc.constantFrom<Disaster['kind'][]>('kill', 'revive', 'shrink', 'grow', 'late', 'pause'),
  }),
  { maxLength: 12 },
)

const scene = fc.record({
  seed: fc.integer(),
  tasks: fc.integer({ min: 1, max: 60 }),
  slots: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 4, maxLength: 4 }),
  ahead: fc.nat(3),
  troubles: fc.double({ min: 0, max: 0.3, noNaN: true }),
  travelMs: fc.constantFrom(0, 5, 200),
  disasters,
})

const TROUBLES: readonly Fate[] = [
  'no-slot',
  'draining',
  'not-allowed',
  'too-large',
  'no-such-model',
  'fail of the node',
  'fail of the task',
  'finish twice',
  'stall',
]

/** Whether a task ended in a way that the rules allow. */
const ALLOWED = new Set([
  'POISON',
  'TASK_FAILED',
  'NODE_LOST',
  'NO_NODES',
  'NO_SUCH_MODEL',
  'TIMED_OUT',
])

describe('whatever happens to the nodes', () => {
  it('[N5] [N6] settles every task exactly once, never beyond credits, and comes to an end', () => {
    fc.assert(
      fc.property(scene, ({ seed, tasks, slots, ahead, troubles, travelMs, disasters: plan }) => {
        const random = seededRandom(seed)
        const fleet = new SimulatedFleet(random, () => 200 + random() * 2000)
        const fate = (): Fate =>
          random() < troubles
            ? (TROUBLES[Math.floor(random() * TROUBLES.length)] ?? 'finish')
            : 'finish'
        const nodes = slots.map((count, i): SimulatedNode => {
          const node = { id: `n${i}`, models: ['m'], slots: count, credits: count + ahead }
          return { ...node, speed: 1 + i, travelMs, fate }
        })
        for (const node of nodes) fleet.join(node)
        for (const { atMs, node, kind } of plan) {
          const target = nodes[node]
          if (!target) continue
          fleet.time.after(atMs, () => {
            strike(fleet, target, kind)
          })
        }
        fleet.submit(
          ...Array.from({ length: tasks }, (_, i) =>
            request(`t${i}`, { run: `r${i % 3}`, timeoutMs: 60_000 }),
          ),
        )
        expect(fleet.time.play(3_600_000)).toBe(true)
        expect(fleet.violations).toEqual([])
        expect(fleet.settled.size).toBe(tasks)
        for (const settlement of fleet.settled.values()) {
          if (!settlement.ok) expect(ALLOWED).toContain(settlement.code)
        }
      }),
      { numRuns: 300 },
    )
  })
})

function strike(fleet: SimulatedFleet, node: SimulatedNode, kind: Disaster['kind']): void {
  const isThere = fleet.scheduler.roster.nodes.has(node.id)
  if (kind === 'kill') fleet.kill(node.id)
  else if (kind === 'revive' && !isThere) fleet.join(node)
  else if (kind === 'shrink' && isThere) fleet.offer(node, 1)
  else if (kind === 'grow' && isThere) fleet.offer(node)
  else if (kind === 'pause' && isThere) {
    fleet.scheduler.paused(node.id, true)
    fleet.time.after(500, () => {
      fleet.scheduler.paused(node.id, false)
    })
  } else if (kind === 'late') {
    const old = fleet.assigned.at(-3)?.lease
    if (old) fleet.scheduler.finished('a ghost', finish({ ...old, attempt: 1 }, 1))
  }
}
