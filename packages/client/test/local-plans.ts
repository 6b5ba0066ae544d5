import { z } from 'zod'
import { pipeline, step, type Client } from '../src/index.ts'
import { smallNetwork } from './small-network.ts'

/** Plans that need no node. */
export const numbers = pipeline('numbers', { n: z.number() }).map(({ n }) => n)
export const list = pipeline('list', { items: z.array(z.number()) })
  .scatter('items')
  .map((row) => row.items)

export const double = step({
  name: 'double',
  input: z.number(),
  output: z.number(),
  run: (n) => n * 2,
})

/** Takes as long as its input says, in ms. */
export const sleep = step({
  name: 'sleep',
  input: z.number(),
  output: z.number(),
  run: (ms) => new Promise<number>((resolve) => setTimeout(resolve, ms, ms)),
})

/** A client without nodes. */
export async function withClient<T>(work: (client: Client) => Promise<T>): Promise<T> {
  await using net = await smallNetwork([])
  return await work(net.client)
}
