/** The ideal: one process, no network, nothing around the engine. */
import type { Peer } from '../harness/peer.ts'

export const peer: Peer = {
  inProcess: true,
  async coordinator({ execute }) {
    return {
      submit: execute,
      async submitAll(tasks, onResult) {
        await Promise.all(tasks.map(async (task) => onResult(task, await execute(task))))
      },
      close: async () => undefined,
    }
  },
}
