import { readFileSync, readdirSync } from 'node:fs'

/** Milliseconds of one clock tick: 1000 / sysconf(_SC_CLK_TCK), 100 on every Linux of today. */
const TICK_MS = 10

/** CPU time of these processes and all that they started (also what has ended), user and system, in milliseconds. */
export function cpuMs(roots: readonly number[]): number {
  let total = 0
  for (const pid of withDescendants(roots)) total += statOf(pid)?.cpuMs ?? 0
  return total
}

/** Memory of these processes and all that they started, shared pages counted once, in MB. */
export function memoryMb(roots: readonly number[]): number {
  let total = 0
  for (const pid of withDescendants(roots)) {
    const text = readIfThere(`/proc/${pid}/smaps_rollup`) ?? ''
    total += Number(/^Pss:\s+(?<kb>\d+)/m.exec(text)?.groups?.['kb'] ?? 0) / 1024
  }
  return total
}

/** CPU time of the whole machine: spent here, and taken by the host for others, in milliseconds. */
export function machineCpu(): { readonly busyMs: number; readonly stolenMs: number } {
  const line = readFileSync('/proc/stat', 'latin1').split('\n', 1)[0] ?? ''
  const ticks = line.trim().split(/\s+/).slice(1).map(Number)
  const at = (...places: number[]): number =>
    places.reduce((sum, place) => sum + (ticks[place] ?? 0), 0) * TICK_MS
  return { busyMs: at(0, 1, 2, 5, 6), stolenMs: at(7) }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function withDescendants(roots: readonly number[]): Set<number> {
  const children = new Map<number, number[]>()
  for (const entry of readdirSync('/proc')) {
    const stat = /^\d+$/.test(entry) ? statOf(Number(entry)) : undefined
    if (stat === undefined) continue
    const siblings = children.get(stat.parent)
    if (siblings === undefined) children.set(stat.parent, [Number(entry)])
    else siblings.push(Number(entry))
  }
  const all = new Set<number>(roots)
  // A Set is walked in the order of insertion, what is added on the way included.
  for (const pid of all) for (const child of children.get(pid) ?? []) all.add(child)
  return all
}

/** Fields 4 (parent) and 14 to 17 (user and system time, own and of ended children) of /proc/PID/stat. */
function statOf(pid: number): { readonly parent: number; readonly cpuMs: number } | undefined {
  const text = readIfThere(`/proc/${pid}/stat`)
  if (text === undefined) return undefined
  // The name, field 2, may hold spaces and brackets: count from its last bracket.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const ticks = fields.slice(11, 15).reduce((a, b) => a + b, 0)
  return { parent: fields[1] ?? 0, cpuMs: ticks * TICK_MS }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    // The process ended between the listing and the reading.
    return undefined
  }
}
