import { longStreamPeer } from './connect/libp2p-stream.ts'

/** The same without encryption: the difference is the price of Noise. */
export const peer = longStreamPeer({ encrypted: false })
