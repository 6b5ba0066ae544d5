import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  finish,
  request,
  SimulatedFleet,
  type Fate,
  type SimulatedNode,
} from './simulated-fleet.ts'
import { seededRandom } from '../virtual-time.ts'

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
  'done',
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
        const codes = Array.from(fleet.settled.values(), (settlement) =>
          settlement.ok ? 'done' : settlement.code,
        )
        expect(codes.filter((code) => !ALLOWED.has(code))).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  it('[N5] loses nothing while nodes only die and come back', () => {
    const deaths = fc.record({
      seed: fc.integer(),
      tasks: fc.integer({ min: 1, max: 60 }),
      deaths: fc.array(fc.record({ atMs: fc.nat(20_000), node: fc.nat(2) }), { maxLength: 8 }),
    })
    fc.assert(
      fc.property(deaths, ({ seed, tasks, deaths: plan }) => {
        const random = seededRandom(seed)
        const fleet = new SimulatedFleet(random, () => 200 + random() * 2000)
        const nodes = [0, 1, 2].map((i): SimulatedNode => {
          const node = { id: `n${i}`, models: ['m'], slots: 2, credits: 4, speed: 1 + i }
          fleet.join(node)
          return node
        })
        for (const { atMs, node } of plan) {
          fleet.time.after(atMs, () => {
            fleet.kill(`n${node}`)
          })
          fleet.time.after(atMs + 3000, () => {
            const target = nodes[node]
            if (target && !fleet.scheduler.roster.nodes.has(target.id)) fleet.join(target)
          })
        }
        fleet.submit(...Array.from({ length: tasks }, (_, i) => request(`t${i}`)))
        expect(fleet.time.play(3_600_000)).toBe(true)
        expect(fleet.violations).toEqual([])
        const done = Array.from(fleet.settled.values()).filter((settlement) => settlement.ok)
        expect(done.length).toBe(tasks)
      }),
      { numRuns: 200 },
    )
  })
})

function strike(fleet: SimulatedFleet, node: SimulatedNode, kind: Disaster['kind']): void {
  const isThere = fleet.scheduler.roster.nodes.has(node.id)
  const late = fleet.assigned.at(-3)?.lease
  const deeds: Record<Disaster['kind'], () => void> = {
    kill: () => {
      fleet.kill(node.id)
    },
    revive: () => {
      if (!isThere) fleet.join(node)
    },
    shrink: () => {
      if (isThere) fleet.offer(node, 1)
    },
    grow: () => {
      if (isThere) fleet.offer(node)
    },
    late: () => {
      if (late) fleet.scheduler.finished('a ghost', finish({ ...late, attempt: 1 }, 1))
    },
    pause: () => {
      fleet.scheduler.paused(node.id, true)
      fleet.time.after(500, () => {
        fleet.scheduler.paused(node.id, false)
      })
    },
  }
  deeds[kind]()
}
