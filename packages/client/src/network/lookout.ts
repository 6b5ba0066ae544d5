import type { Clock } from '@skein/protocol'
import type { Cancellation } from '../cancellation.ts'
import type { Network } from './network.ts'

/** How often it is looked for nodes that have come up nearby. */
const LOOK_MS = 2000

/** What looks, where to, and until when. */
export interface Lookout {
  readonly network: Network
  readonly clock: Clock
  readonly closing: Cancellation
}

/** Reaches for nodes nearby, again and again. */
export async function lookAround(
  neighbours: () => Promise<readonly (readonly string[])[]>,
  { network, clock, closing }: Lookout,
): Promise<void> {
  while (!closing.isCancelled) {
    try {
      for (const addresses of await neighbours()) network.reach(addresses, false)
    } catch {
      // A register that cannot be read for a moment is read again; given addresses are not hurt.
    }
    await pause(clock, closing)
  }
}

function pause(clock: Clock, closing: Cancellation): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.schedule(LOOK_MS, () => {
      leave()
      resolve()
    })
    const leave = closing.listen(() => {
      cancel()
      resolve()
    })
  })
}
