import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { watchInterrupts } from '../interrupt.ts'
import { serveOnLoopback } from '../loopback-server.ts'
import { pageHandler } from '../page/page-handler.ts'
import { LastingRecords } from '../recorded.ts'
import type { Terminal } from '../terminal.ts'

export interface PageOptions {
  readonly port?: number
  readonly home?: string
}

/** Shows runs on a page, until Ctrl-C. */
export async function servePage(
  { home, port = 0 }: PageOptions,
  { data, talk }: Terminal,
): Promise<void> {
  await using records = await LastingRecords.open(home)
  using interrupts = watchInterrupts()
  const token = randomBytes(24).toString('base64url')
  await using server = await serveOnLoopback(
    pageHandler(() => records.current(), token),
    port,
  )
  // What stands behind # stays in the browser: no log has it.
  data.line(`${server.address}/#token=${token}`)
  talk.line('Open it in a browser of this machine. Ctrl-C ends this.')
  if (!interrupts.signal.aborted) await once(interrupts.signal, 'abort')
}
