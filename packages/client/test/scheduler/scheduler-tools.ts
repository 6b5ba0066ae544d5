import { request, type SimulatedFleet, type Fate, type SimulatedNode } from './simulated-fleet.ts'

export function node(id: string, rest: Partial<SimulatedNode> = {}): SimulatedNode {
  return { id, models: ['m'], slots: 1, credits: 2, speed: 1, ...rest }
}

export function always(fate: Fate): () => Fate {
  return () => fate
}

export function tasks(count: number, rest: Parameters<typeof request>[1] = {}) {
  return Array.from({ length: count }, (_, i) => request(`t${i}`, rest))
}

/** Where each attempt went: `task@node#attempt`. */
export function journeyOf(fleet: SimulatedFleet): string[] {
  return fleet.assigned.map(({ lease }) => `${lease.task}@${lease.node}#${lease.attempt}`)
}
