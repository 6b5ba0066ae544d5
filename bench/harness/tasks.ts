import type { Execute, Result, Task } from './peer.ts'
import { scenarioOf } from './scenarios.ts'

/** The tasks of a scenario: seeded, so that every peer gets the same ones. */
export interface TaskOptions {
  readonly scenario: string
  readonly workers: number
  /** @default 7 */
  readonly seed?: number
  /** Multiplies the number of tasks. @default 1 */
  readonly scale?: number
  /** The instant tasks before measuring. @default false */
  readonly warm?: boolean
  /** Number of the repetition: ids differ, all else is the same. @default 0 */
  readonly batch?: number
}

const WORDS = (
  'the a model answers with "quoted" text and some\nlines of reasoning about 12 apples, ' +
  'a train leaving at 9:40, and the capital of France; return JSON only'
).split(' ')

const VARIETY = 64
const PROMPTS = Array.from({ length: VARIETY }, (_, index) => prose(index + 1))
const ANSWERS = Array.from({ length: VARIETY }, (_, index) => prose(index + 1001))

export function makeTasks(options: TaskOptions): Task[] {
  const { scenario: name, workers, seed = 7, scale = 1, warm = false, batch = 0 } = options
  const scenario = scenarioOf(name)
  const all = scenario.tasks * (scenario.perWorker === true ? workers : 1)
  const count = warm ? scenario.warm : Math.max(1, Math.round(all * scale))
  const random = randomFrom(seed)
  return Array.from({ length: count }, (_, n) => ({
    id: `${warm ? 'w' : 't'}${String(batch * count + n).padStart(6, '0')}`,
    n,
    model: 'llama3.2:3b',
    prompt: pick(PROMPTS, n),
    ms: warm ? 0 : scenario.length(random),
  }))
}

/** The answer to a task: derived from it, so that it can be verified. */
export function reply(task: Task, worker: number): Result {
  return { id: task.id, text: pick(ANSWERS, task.n), model: task.model, worker, tokens: 212 }
}

export function isCorrect(task: Task, result: Result): boolean {
  return result.id === task.id && result.text === pick(ANSWERS, task.n)
}

/** Makes every task and every result travel `ms` to and from the engine. */
export function farAway(execute: Execute, ms: number): Execute {
  const travel = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
  return async (task) => {
    await travel()
    const result = await execute(task)
    await travel()
    return result
  }
}

/** About 940 characters of text like a prompt, with the quotes and line breaks that real ones have. */
function prose(seed: number): string {
  const random = randomFrom(seed)
  let text = ''
  while (text.length < 940) text += `${pick(WORDS, Math.floor(random() * WORDS.length))} `
  return text.slice(0, 940)
}

function pick(list: readonly string[], index: number): string {
  return list[index % list.length] ?? ''
}

/** Mulberry32: 32 bits of state, the same numbers everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = Math.trunc(state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
