import { openSync, writeSync } from 'node:fs'
import type { Execute } from './peer.ts'
import { reply } from './tasks.ts'

export interface EngineOptions {
  readonly slots: number
  /** @default 1 */
  readonly speed?: number
  /** The worker's number, which its results name. @default 0 */
  readonly index?: number
  /** Where the ids of started tasks are written, one per line. */
  readonly log?: string | undefined
}

export interface EngineStatistics {
  count: number
  /** How long slots really were busy. */
  busyMs: number
}

/**
 * The stand-in for a model server: `slots` tasks at a time, the others wait, first in, first out
 * (as Ollama does with OLLAMA_NUM_PARALLEL).
 */
export function createEngine(options: EngineOptions): {
  readonly execute: Execute
  readonly statistics: EngineStatistics
} {
  const { slots, speed = 1, index = 0, log } = options
  const statistics: EngineStatistics = { count: 0, busyMs: 0 }
  const file = log === undefined ? undefined : openSync(log, 'a')
  const gate = createGate(slots)

  const execute: Execute = async (task) => {
    const turn = gate.enter()
    if (turn !== undefined) await turn
    if (file !== undefined) writeSync(file, `${task.id}\n`)
    statistics.count += 1
    if (task.ms > 0) {
      const start = performance.now()
      await new Promise((resolve) => setTimeout(resolve, task.ms / speed))
      statistics.busyMs += performance.now() - start
    }
    gate.leave()
    return reply(task, index)
  }
  return { execute, statistics }
}

/** Lets `places` in at a time, the others in the order they came; O(1) each. */
function createGate(places: number): { enter(): Promise<void> | undefined; leave(): void } {
  let free = places
  let head = 0
  let waiting: (() => void)[] = []
  return {
    enter() {
      if (free > 0) {
        free -= 1
        return undefined
      }
      return new Promise((resolve) => waiting.push(resolve))
    },
    leave() {
      const next = waiting[head]
      if (next === undefined) {
        free += 1
        return
      }
      head += 1
      if (head > 1024) {
        waiting = waiting.slice(head)
        head = 0
      }
      next()
    },
  }
}
