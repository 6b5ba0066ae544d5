/** What a thread is given to do in tests. */

export function run(n: number): number {
  return n * 2
}

export async function threadOf(): Promise<number> {
  const { threadId } = await import('node:worker_threads')
  return threadId
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
