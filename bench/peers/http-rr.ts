import { httpPeer } from './connect/http.ts'

/** Each task to the next worker in turn. */
export const peer = httpPeer('round-robin')
