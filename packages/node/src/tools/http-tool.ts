import { lookup as resolveName } from 'node:dns/promises'
import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import type { HttpRequest } from '@skein/workflows'
import { unlessAborted } from '../unless-aborted.ts'
import { isPublicAddress } from './address-rules.ts'
import { outgoing, type OutgoingRequest } from './outgoing-request.ts'
import { ToolError } from './tool-error.ts'
import { ruleFor, type ToolPolicy } from './tool-policy.ts'

const MAX_REDIRECTS = 5
const REDIRECTS = new Set([301, 302, 303, 307, 308])

/** What a request goes through the world with. Tests pass their own; everyone else passes nothing. */
export interface HttpComponents {
  /** The addresses of a name. @default the machine's resolver */
  readonly resolve: (name: string) => Promise<readonly string[]>
  /** Which addresses may be reached. @default those of the public internet */
  readonly mayReach: (address: string) => boolean
}

const SYSTEM: HttpComponents = {
  resolve: async (name) => (await resolveName(name, { all: true })).map(({ address }) => address),
  mayReach: isPublicAddress,
}

/** What a tool answered. JSON is given parsed. */
export interface HttpResult {
  readonly status: number
  readonly body: unknown
}

/**
 * Runs an HTTP tool within the owner's policy. Names are resolved first and the connection goes to the
 * very address that was checked, so that a name that changes its mind in between leads nowhere; each
 * redirect is checked anew, and the owner's headers never follow it to another host.
 *
 * @throws {ToolError}
 */
export async function runHttpTool(
  http: HttpRequest,
  policy: ToolPolicy,
  options: { readonly signal: AbortSignal; readonly components?: Partial<HttpComponents> },
): Promise<HttpResult> {
  const { timeoutMs = 15_000 } = policy
  const components = { ...SYSTEM, ...options.components }
  const controller = new AbortController()
  const stop = () => {
    controller.abort(options.signal.reason)
  }
  const timer = setTimeout(() => {
    controller.abort(new ToolError('TIMED_OUT', `the tool did not answer within ${timeoutMs} ms`))
  }, timeoutMs)
  options.signal.addEventListener('abort', stop, { once: true })
  try {
    options.signal.throwIfAborted()
    const { signal } = controller
    return await unlessAborted(follow(outgoing(http), { policy, components, signal }), signal)
  } catch (error) {
    controller.signal.throwIfAborted()
    throw error
  } finally {
    clearTimeout(timer)
    options.signal.removeEventListener('abort', stop)
  }
}

interface Journey {
  readonly policy: ToolPolicy
  readonly components: HttpComponents
  readonly signal: AbortSignal
}

async function follow(first: OutgoingRequest, journey: Journey): Promise<HttpResult> {
  let request = first
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const response = await send(request, journey)
    const status = response.statusCode ?? 0
    const { location } = response.headers
    if (!REDIRECTS.has(status) || location === undefined) return read(response, journey)
    response.destroy()
    request = redirected(request, status, location)
  }
  throw new ToolError(
    'TOO_MANY_REDIRECTS',
    `the tool was redirected more than ${MAX_REDIRECTS} times`,
  )
}

/** The workflow's own headers may hold a key too: none of them goes to another host. */
function redirected(request: OutgoingRequest, status: number, location: string): OutgoingRequest {
  if (!URL.canParse(location, request.url.href)) {
    throw new ToolError('INVALID_REQUEST', 'the tool was redirected to what is no address')
  }
  const url = new URL(location, request.url)
  const keep = status === 307 || status === 308
  return {
    method: keep ? request.method : 'GET',
    url,
    headers: url.origin === request.url.origin ? request.headers : {},
    body: keep ? request.body : undefined,
  }
}

async function send(request: OutgoingRequest, journey: Journey): Promise<IncomingMessage> {
  const { url, method, body } = request
  const rule = ruleFor(journey.policy, url, method)
  const address = await addressOf(url, journey)
  const options: RequestOptions = {
    method,
    headers: { accept: 'application/json, text/*;q=0.9', ...request.headers, ...rule.headers },
    lookup: pinnedTo(address),
    agent: false,
    signal: journey.signal,
  }
  const start = url.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const sent = start(url, options, resolve)
    sent.on('error', (cause) => {
      reject(
        new ToolError('UNREACHABLE', `${url.host} cannot be reached: ${cause.message}`, { cause }),
      )
    })
    sent.end(body)
  })
}

/** An address that may be reached. All of a name's must be fit: one bad one and the name is refused. */
async function addressOf(url: URL, { components, signal }: Journey): Promise<string> {
  const name = url.hostname.replace(/^\[|\]$/g, '')
  const addresses = isIP(name) > 0 ? [name] : await resolved(name, components)
  signal.throwIfAborted()
  const [first] = addresses
  if (first === undefined) throw new ToolError('UNREACHABLE', `${name} has no address`)
  if (addresses.every((address) => components.mayReach(address))) return first
  throw new ToolError(
    'ADDRESS_REFUSED',
    `${name} leads to an address that is not on the public internet: tools do not reach this machine or its neighbours`,
  )
}

async function resolved(name: string, { resolve }: HttpComponents): Promise<readonly string[]> {
  try {
    return await resolve(name)
  } catch (cause) {
    throw new ToolError('UNREACHABLE', `${name} cannot be found`, { cause })
  }
}

function pinnedTo(address: string): LookupFunction {
  const family = isIP(address)
  return (_name, options, done) => {
    if (options.all === true) done(null, [{ address, family }])
    else done(null, address, family)
  }
}

async function read(response: IncomingMessage, { policy }: Journey): Promise<HttpResult> {
  const text = await textOf(response, policy)
  const status = response.statusCode ?? 0
  if (status >= 400) throw new ToolError('HTTP_STATUS', `the tool answered with HTTP ${status}`)
  return { status, body: bodyOf(text, response.headers['content-type'] ?? '') }
}

async function textOf(
  response: IncomingMessage,
  { maxBytes = 1024 * 1024 }: ToolPolicy,
): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > maxBytes) break
      chunks.push(chunk)
    }
  } catch (cause) {
    throw new ToolError('UNREACHABLE', 'the tool broke off in the middle of its answer', { cause })
  }
  if (size <= maxBytes) return Buffer.concat(chunks, size).toString('utf8')
  response.destroy()
  throw new ToolError('RESPONSE_TOO_LARGE', `the tool answered with more than ${maxBytes} bytes`)
}

function bodyOf(text: string, type: string): unknown {
  if (!/[/+]json\b/.test(type)) return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
