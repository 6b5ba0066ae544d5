/** What a thread is given to do in tests. */
import { parentPort, threadId } from 'node:worker_threads'

export function run(n: number): number {
  return n * 2
}

export function threadOf(): number {
  return threadId
}

/** Tells how far it is, as programs do whose author knows threads. */
export function chatty(n: number): number {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  parentPort?.postMessage({ progress: 0.5, ok: true, output: 'no answer' })
  return n * 2
}

/** Leaves something behind that goes wrong when it has answered. */
export function careless(n: number): number {
  setTimeout(() => {
    throw new Error('too late')
  }, 20)
  return n * 2
}

export function broken(): never {
  throw new RangeError('too heavy')
}

export function odd(): never {
  // oxlint-disable-next-line typescript/only-throw-error -- programs do
  throw { code: 'E7' }
}

export function endless(): never {
  for (;;);
}

/** Begins when it has said so, and answers once it may. */
export function held(gate: Int32Array): number {
  Atomics.store(gate, 0, BEGUN)
  Atomics.wait(gate, 0, BEGUN)
  return 1
}

export const BEGUN = 1
