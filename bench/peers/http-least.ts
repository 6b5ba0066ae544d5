import { httpPeer } from './connect/http.ts'

/** Each task to the worker with the fewest in flight. */
export const peer = httpPeer('least-loaded')
