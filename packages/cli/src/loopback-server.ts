import { once } from 'node:events'
import { createServer } from 'node:http'
import { CliError, codeOf } from './errors.ts'
import { handleRequests } from './http-handler.ts'

/** A server that only programs of this machine reach. */
export interface LoopbackServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:8080`. */
  readonly address: string
}

/**
 * Serves requests at that port of 127.0.0.1; 0: a free one.
 *
 * @throws {CliError} `FAILED` another program has the port, or it is not for everybody
 */
export async function serveOnLoopback(
  handler: (request: Request) => Promise<Response>,
  port: number,
): Promise<LoopbackServer> {
  const server = createServer(handleRequests(handler))
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  } catch (cause) {
    const why = codeOf(cause) === 'EADDRINUSE' ? 'another program has it' : codeOf(cause)
    throw new CliError('FAILED', `port ${port} cannot be used: ${why}`, {
      cause,
      mend: 'Without --port a free one is taken.',
    })
  }
  const place = server.address()
  const taken = typeof place === 'object' && place ? place.port : port
  return {
    address: `http://127.0.0.1:${taken}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
