import type { Random } from './random.ts'

/** Something that reads what strangers write. */
export interface Target {
  readonly name: string
  /** Kept inputs: right ones to start from, and every one that was read wrongly before. */
  readonly seeds: readonly [string, ...string[]]
  /** Makes an input. */
  make(random: Random): string
  /** Reads an input. @throws WorkflowError where it is refused; every other error is a crash */
  read(input: string): void
}
