import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { WorkflowBuilder } from '@skein/workflows'
import { z } from 'zod'
import type { GenerateRequest } from '../src/engines/engine.ts'
import type { HttpComponents } from '../src/tools/http-tool.ts'

/** The names of tests lead to this machine; but for those that lead inside. */
export const lab: Partial<HttpComponents> = {
  resolve: (name) => Promise.resolve([name.startsWith('inner.') ? '192.168.0.1' : '127.0.0.1']),
  mayReach: (address) => address === '127.0.0.1',
}

export interface TestServer extends AsyncDisposable {
  readonly port: number
}

/** A server of this machine for one test. */
export async function serve(
  reply: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<TestServer> {
  const server = createServer(reply)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

/** A workflow whose one step may use the tool `look`, which asks `url`. */
export function looking(url: string) {
  return new WorkflowBuilder('looking', { text: z.string() })
    .addTool({ name: 'look', description: 'Looks it up', http: { method: 'GET', url } })
    .generativeStep({ id: 'answer', operator: 'function_calling', prompt: '{{text}}' })
    .setReturnValue('answer')
    .build()
}

/** Calls that tool once, then says what it gave. */
export function callOnce(
  { messages }: GenerateRequest,
  name = 'look',
  given: object = { city: 'Bern' },
): string {
  const last = messages.at(-1)
  if (last?.role === 'tool') return `it says ${last.content}`
  return `<tool_call>${JSON.stringify({ name, arguments: given })}</tool_call>`
}
