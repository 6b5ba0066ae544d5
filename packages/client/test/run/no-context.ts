import type { ContextParts } from '../../src/run/step-context.ts'

/** For a try outside a run: it has nobody to ask. */
export const noContext: Pick<ContextParts, 'context' | 'durable'> = {
  context: {},
  durable: () => {
    throw new RangeError('there is no run')
  },
}
