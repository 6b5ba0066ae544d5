import { longStreamPeer } from './connect/libp2p-stream.ts'

/** One long stream per worker: what libp2p with Noise costs at least. */
export const peer = longStreamPeer({ encrypted: true })
