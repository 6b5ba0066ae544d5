import type { ClientErrorCode } from '../errors.ts'
import type { Roster } from '../scheduler/roster.ts'

/** Why nobody can do a task. */
export interface Absence {
  readonly code: ClientErrorCode
  readonly message: string
}

/** What is missing for tasks with this wish, and what is there instead. */
export function describeAbsence(models: readonly string[], roster: Roster): Absence {
  if (roster.nodes.size === 0) return { code: 'NO_NODES', message: describeEmptiness(roster) }
  const nodes = Array.from(roster.nodes.values())
  if (nodes.every((node) => node.draining)) {
    return { code: 'NO_NODES', message: 'every node is finishing its work and takes no more' }
  }
  const wish = models.length === 0 ? 'a model that can chat' : models.map(quote).join(' or ')
  const there = roster
    .models()
    .map(({ name, nodes: count }) => `${quote(name)} on ${plural(count)}`)
  const offer = there.length === 0 ? 'they offer no model at all' : `there is ${there.join(', ')}`
  return { code: 'NO_SUCH_MODEL', message: `no node offers ${wish}; ${offer}` }
}

function describeEmptiness({ left }: Roster): string {
  if (left.length === 0) return "no node is there. Start one with 'skein node start'"
  const names = [...new Set(left)].join(', ')
  return `no node is there any more (the last were ${names}). Start one with 'skein node start'`
}

function quote(name: string): string {
  return `'${name}'`
}

function plural(nodes: number): string {
  return nodes === 1 ? '1 node' : `${nodes} nodes`
}
