/** What a thread loads in tests for as long as it is told: it says that it is there, and waits for an answer. */
import { once } from 'node:events'
import { BroadcastChannel } from 'node:worker_threads'

const channel = new BroadcastChannel('slow-start')
const told = once(channel, 'message')
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel is no window
channel.postMessage('here')
await told
channel.close()

export function run(n: number): number {
  return n * 2
}
