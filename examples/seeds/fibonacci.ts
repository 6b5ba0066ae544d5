/** Work for a thread. */
export function run(n: number): number {
  return n < 2 ? n : run(n - 1) + run(n - 2)
}
