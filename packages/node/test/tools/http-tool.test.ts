import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { HttpRequest } from '@skein/workflows'
import { afterEach, describe, expect, it } from 'vitest'
import { runHttpTool, type HttpComponents } from '../../src/tools/http-tool.ts'
import type { AllowedHost, ToolPolicy } from '../../src/tools/tool-policy.ts'

type Reply = (request: IncomingMessage, response: ServerResponse) => void
const cleanups: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean()
})

async function serve(reply: Reply): Promise<number> {
  const server = createServer(reply)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(
    () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  )
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** The names of the tests lead to this machine, and for them that is public. */
const lab: Partial<HttpComponents> = {
  resolve: () => Promise.resolve(['127.0.0.1']),
  mayReach: (address) => address === '127.0.0.1',
}

function allow(port: number, more: Partial<AllowedHost> = {}): ToolPolicy {
  return { hosts: [{ host: 'api.test', port, insecure: true, ...more }] }
}

interface Case {
  readonly http: Partial<HttpRequest> & { readonly url: string }
  readonly policy: ToolPolicy
  readonly components?: Partial<HttpComponents>
  readonly signal?: AbortSignal
}

function run({ http, policy, components = lab, signal }: Case) {
  return runHttpTool({ method: 'GET', ...http }, policy, {
    signal: signal ?? new AbortController().signal,
    components,
  })
}

describe('an HTTP tool', () => {
  it('[D12] goes out as it is, and gives JSON parsed', async () => {
    const port = await serve((request, response) => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ path: request.url }))
    })
    const http = { url: `http://api.test:${port}/weather/S%C3%A3o%20Paulo%2F..%2Fx?days=3` }
    await expect(run({ http, policy: allow(port) })).resolves.toEqual({
      status: 200,
      body: { path: '/weather/S%C3%A3o%20Paulo%2F..%2Fx?days=3' },
    })
  })

  it('[D13] [F24] reaches no other port of a host that it may reach', async () => {
    let asked = 0
    const port = await serve((_, response) => {
      asked += 1
      response.end()
    })
    const http = { url: `http://api.test:${port}/` }
    await expect(run({ http, policy: allow(1) })).rejects.toMatchObject({
      code: 'TOOL_NOT_ALLOWED',
    })
    expect(asked).toBe(0)
  })

  it('[D12] sends its body as JSON, and fills nothing that an argument brought', async () => {
    const types: (string | undefined)[] = []
    const port = await serve((request, response) => {
      types.push(request.headers['content-type'])
      request.pipe(response)
    })
    const sent = { a: 1, b: ['{{key}}'] }
    const http = { url: `http://api.test:${port}/`, method: 'POST' as const, body: sent }
    const { body } = await run({ http, policy: allow(port, { methods: ['POST'] }) })
    expect(JSON.parse(String(body))).toEqual(sent)
    expect(types).toEqual(['application/json'])
  })

  it('says so when the other side breaks off', async () => {
    const port = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half')
      setImmediate(() => response.destroy())
    })
    const http = { url: `http://api.test:${port}/` }
    await expect(run({ http, policy: allow(port) })).rejects.toMatchObject({
      code: 'UNREACHABLE',
      retryable: true,
    })
  })

  it('[D13] does not wait for names longer than it may', async () => {
    const components = { ...lab, resolve: () => new Promise<never>(() => {}) }
    const policy = { ...allow(80), timeoutMs: 20 }
    const http = { url: 'http://api.test/' }
    await expect(run({ http, policy, components })).rejects.toMatchObject({
      code: 'TIMED_OUT',
      message: 'the tool did not answer within 20 ms',
    })
  })

  it('[D13] reaches nothing unless the owner says so', async () => {
    const seen: string[] = []
    const port = await serve((request, response) => {
      seen.push(request.url ?? '')
      response.end()
    })
    const http = { url: `http://api.test:${port}/` }
    await expect(run({ http, policy: {} })).rejects.toMatchObject({ code: 'TOOL_NOT_ALLOWED' })
    await expect(run({ http, policy: allow(port, { insecure: false }) })).rejects.toMatchObject({
      code: 'TOOL_NOT_ALLOWED',
    })
    await expect(
      run({ http: { ...http, method: 'DELETE' }, policy: allow(port) }),
    ).rejects.toMatchObject({ code: 'TOOL_NOT_ALLOWED' })
    await expect(
      run({ http: { url: `http://evil.test:${port}/api.test` }, policy: allow(port) }),
    ).rejects.toMatchObject({ code: 'TOOL_NOT_ALLOWED' })
    expect(seen).toEqual([])
  })

  it('[D13] reaches no private address, whatever the name says', async () => {
    const port = await serve((_, response) => response.end())
    const http = { url: `http://api.test:${port}/` }
    const real = { resolve: () => Promise.resolve(['127.0.0.1']) }
    await expect(run({ http, policy: allow(port), components: real })).rejects.toMatchObject({
      code: 'ADDRESS_REFUSED',
    })
    const literal = { url: `http://127.0.0.1:${port}/` }
    await expect(
      run({ http: literal, policy: allow(port, { host: '127.0.0.1' }), components: {} }),
    ).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' })
    const sneaky = { url: `http://0x7f.1:${port}/` }
    await expect(
      run({ http: sneaky, policy: allow(port, { host: '127.0.0.1' }), components: {} }),
    ).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' })
  })

  it('[D13] refuses a name when any of its addresses is private', async () => {
    const port = await serve((_, response) => response.end())
    const components = {
      resolve: () => Promise.resolve(['127.0.0.1', '10.0.0.1']),
      mayReach: (address: string) => address !== '10.0.0.1',
    }
    const http = { url: `http://api.test:${port}/` }
    await expect(run({ http, policy: allow(port), components })).rejects.toMatchObject({
      code: 'ADDRESS_REFUSED',
    })
  })

  it('[D13] connects to the address that was checked, not to what the name says later', async () => {
    const port = await serve((_, response) => response.end('here'))
    let asked = 0
    const components = {
      mayReach: (address: string) => address === '127.0.0.1',
      resolve: () => Promise.resolve([(asked += 1) === 1 ? '127.0.0.1' : '127.0.0.2']),
    }
    const http = { url: `http://api.test:${port}/` }
    await expect(run({ http, policy: allow(port), components })).resolves.toMatchObject({
      body: 'here',
    })
    expect(asked).toBe(1)
  })

  it('[D13] checks every redirect anew', async () => {
    let target = ''
    const port = await serve((_, response) => {
      response.writeHead(302, { location: target }).end()
    })
    const http = { url: `http://api.test:${port}/` }
    const policy: ToolPolicy = {
      hosts: [
        { host: 'api.test', port, insecure: true },
        { host: 'inner.test', port, insecure: true },
      ],
    }
    const components: Partial<HttpComponents> = {
      mayReach: (address) => address === '127.0.0.1',
      resolve: (name) => Promise.resolve([name === 'inner.test' ? '192.168.0.1' : '127.0.0.1']),
    }
    target = `http://inner.test:${port}/`
    await expect(run({ http, policy, components })).rejects.toMatchObject({
      code: 'ADDRESS_REFUSED',
    })
    target = `http://elsewhere.test:${port}/`
    await expect(run({ http, policy, components })).rejects.toMatchObject({
      code: 'TOOL_NOT_ALLOWED',
    })
    target = 'file:///etc/passwd'
    await expect(run({ http, policy, components })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    })
    target = '/again'
    await expect(run({ http, policy, components })).rejects.toMatchObject({
      code: 'TOO_MANY_REDIRECTS',
    })
  })

  it("[D13] sends the owner's key to its own host and never on to another", async () => {
    const keys: (string | undefined)[] = []
    const other = await serve((request, response) => {
      keys.push(request.headers.authorization, String(request.headers['x-task']))
      response.end('done')
    })
    const port = await serve((request, response) => {
      keys.push(request.headers.authorization)
      response.writeHead(307, { location: `http://other.test:${other}/` }).end()
    })
    const policy: ToolPolicy = {
      hosts: [
        { host: 'api.test', port, insecure: true, headers: { authorization: 'Bearer owner' } },
        { host: 'other.test', port: other, insecure: true },
      ],
    }
    const http = { url: `http://api.test:${port}/`, headers: { 'x-task': 'secret' } }
    await run({ http, policy })
    expect(keys).toEqual(['Bearer owner', undefined, 'undefined'])
  })

  it('[D13] is bounded in size and time', async () => {
    const port = await serve((request, response) => {
      if (request.url === '/large') response.end(Buffer.alloc(2048))
    })
    const policy = { ...allow(port), maxBytes: 1024, timeoutMs: 200 }
    await expect(
      run({ http: { url: `http://api.test:${port}/large` }, policy }),
    ).rejects.toMatchObject({
      code: 'RESPONSE_TOO_LARGE',
    })
    await expect(
      run({ http: { url: `http://api.test:${port}/slow` }, policy }),
    ).rejects.toMatchObject({
      code: 'TIMED_OUT',
    })
  })

  it('[N9] stops when the task is cancelled', async () => {
    const controller = new AbortController()
    const port = await serve(() => {
      controller.abort(new DOMException('cancelled', 'AbortError'))
    })
    const http = { url: `http://api.test:${port}/` }
    await expect(
      run({ http, policy: allow(port), signal: controller.signal }),
    ).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('[D13] refuses headers that belong to the connection or break it', async () => {
    const policy = allow(80)
    for (const headers of [
      { Host: 'inner' },
      { 'Transfer-Encoding': 'chunked' },
      { 'Proxy-Authorization': 'x' },
      { 'x-a': 'b\r\nx-c: d' },
      { 'x a': 'b' },
    ]) {
      await expect(
        run({
          http: { url: 'http://api.test/', headers },
          policy,
        }),
      ).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
    }
  })

  it('[D12] says so when its address is none', async () => {
    await expect(run({ http: { url: '/weather' }, policy: allow(80) })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    })
  })
})
