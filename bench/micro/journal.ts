/** What it costs to keep a call on disk, in a group that waits for the disk once. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Cancellation } from '../../packages/client/src/cancellation.ts'
import { policyOf } from '../../packages/client/src/plan/policy.ts'
import type { Call } from '../../packages/client/src/run/call.ts'
import { Kernel } from '../../packages/client/src/run/kernel.ts'
import type { TryOutcome } from '../../packages/client/src/run/outcomes.ts'
import { createSqliteStore } from '../../packages/client/src/store/sqlite-store.ts'
import { SlotMap, systemClock } from '../../packages/protocol/src/index.ts'
import { makeTasks } from '../harness/tasks.ts'
import type { Case } from './measure.ts'

/** Calls under way at once, as many as a run lets in. */
const WINDOW = 1024

const folder = mkdtempSync(path.join(tmpdir(), 'skein-bench-'))
process.once('exit', () => {
  rmSync(folder, { recursive: true, force: true })
})
const store = createSqliteStore(path.join(folder, 'runs.db'))
const journal = await store.open('run', {})
const { cache } = store
const kernel = new Kernel({
  journal,
  cache,
  flights: new SlotMap(),
  clock: systemClock,
  random: () => 0.5,
})
const policy = policyOf({}, 'step')
const cancellation = new Cancellation()
const outcome: TryOutcome = {
  ok: true,
  output: { answer: 'because', words: 1 },
  origin: { node: 'a', peer: 'p', model: 'm', tokens: { input: 1, output: 1 }, ms: 1 },
}

let calls = 0

function nextCall(): Call {
  return {
    key: `${(calls += 1)}/step`,
    step: 'step',
    definition: 'workflow',
    input: Object.freeze({ question: `why ${calls}` }),
    isAnew: false,
    policy,
    cancellation,
    fallback: undefined,
    cachePlace: () => undefined,
    execute: () => Promise.resolve(outcome),
  }
}

const { origin } = outcome
const definition = 'f'.repeat(64)
const tasks = makeTasks({ scenario: 'noop', workers: 4 })

let rows = 0

/** What a run writes down of a row: its input, its call, and itself. */
async function recordRow(): Promise<void> {
  const place = String((rows += 1))
  const { id, n, ms, prompt } = tasks[rows % tasks.length] ?? {}
  const input = Object.freeze({ id, n, ms, prompt })
  const output = `${id} ${prompt}`
  void journal.note({ kind: 'input', place, value: input })
  const identity = { key: `${place}/step`, definition, input }
  journal.find(identity)
  await journal.commit({ ...identity, output, origin, attempts: 1 })
  void journal.note({ kind: 'row', place, value: output })
}

/** That many, as many at once as a run lets in. */
async function repeat(times: number, work: () => Promise<unknown>): Promise<void> {
  let left = times
  const worker = async () => {
    while (left-- > 0) await work()
  }
  await Promise.all(Array.from({ length: WINDOW }, worker))
}

export const cases: readonly Case[] = [
  {
    name: 'one journalled call of 1,024 at once, on disk',
    aimUs: 33,
    run: (times) => repeat(times, async () => kernel.call(nextCall())),
  },
  {
    name: 'one row of 1 KB in and 1 KB out of 1,024 at once, on disk',
    run: (times) => repeat(times, recordRow),
  },
]
