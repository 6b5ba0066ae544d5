import { StreamState, YamuxStream } from '@libp2p/yamux/stream'

/** What a peer may send before it hears of new room, in bytes. Larger ones overflow libp2p's read buffer of 4 MiB. */
export const WINDOW_BYTES = 1024 * 1024

/**
 * Yamux gives the peer new room for each piece of data that comes: a record, a system call and, where nothing else keeps the
 * peer awake, waking it up. This gives it when half of the window is used up, as the first yamux does
 * (hashicorp/yamux, `sendWindowUpdate`): the other half lasts until the news is there. The window, which would grow with
 * the frequency of the updates, is as large as it may be from the start. Where the library has become another, it is
 * left as it is.
 */
export function updateWindowSeldom(stream: object): void {
  if (!(stream instanceof YamuxStream) || !Reflect.has(stream, 'recvWindow')) return
  const update = stream.sendWindowUpdate.bind(stream)
  stream.sendWindowUpdate = () => {
    // Before, it says also that the stream is there.
    const isEstablished = stream.state === StreamState.Established
    const hasRoom = Number(Reflect.get(stream, 'recvWindowCapacity')) > WINDOW_BYTES / 2
    if (!isEstablished || !hasRoom) update()
  }
  Reflect.set(stream, 'recvWindow', WINDOW_BYTES)
  update()
}
