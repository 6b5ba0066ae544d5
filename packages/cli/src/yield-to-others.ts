import { constants, getPriority, setPriority } from 'node:os'

const { PRIORITY_BELOW_NORMAL } = constants.priority

/** This process, and whatever it starts from now on, gets what time the other programs of this machine leave. */
export function yieldToOthers(): void {
  try {
    // Whoever started it may want it to get even less.
    if (getPriority() < PRIORITY_BELOW_NORMAL) setPriority(PRIORITY_BELOW_NORMAL)
  } catch {
    // Not every system lets a program do so: then it runs like any other.
  }
}
