import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { until } from './skein.ts'

/** Debian's package `chromium`. */
const CHROMIUM = '/usr/bin/chromium'

/** Whether tests can look at a page. */
export const HAS_BROWSER = existsSync(CHROMIUM)

/** It asks nobody but the page's own server. */
const OPTIONS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-sync',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
  '--remote-debugging-port=0',
]

const Answer = z.object({
  id: z.number(),
  error: z.object({ message: z.string() }).optional(),
  result: z
    .object({
      result: z.object({ value: z.unknown().optional() }).optional(),
      exceptionDetails: z.unknown().optional(),
    })
    .optional(),
})

const Tab = z.object({ webSocketDebuggerUrl: z.string() })

/** A real browser without a window, with one page; spoken to by the Chrome DevTools Protocol. */
export class Browser implements AsyncDisposable {
  readonly #folder: string
  readonly #child: ChildProcess
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, (answer: z.infer<typeof Answer>) => void>()
  #sent = 0

  private constructor(folder: string, child: ChildProcess, socket: WebSocket) {
    this.#folder = folder
    this.#child = child
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => {
      const answer = Answer.safeParse(JSON.parse(String(data)))
      if (answer.success) this.#waiting.get(answer.data.id)?.(answer.data)
    })
  }

  static async open(address: string): Promise<Browser> {
    const folder = await mkdtemp(join(tmpdir(), 'skein-browser-'))
    const child = spawn(CHROMIUM, [...OPTIONS, `--user-data-dir=${folder}`, 'about:blank'], {
      stdio: 'ignore',
      // It keeps reports of crashes there, whatever folder it is given.
      env: { ...process.env, HOME: folder },
    })
    try {
      const socket = new WebSocket(await pageAt(address, join(folder, 'DevToolsActivePort')))
      await once(socket, 'open')
      return new Browser(folder, child, socket)
    } catch (error) {
      child.kill('SIGKILL')
      throw error
    }
  }

  /** What an expression is worth on the page, as JSON. */
  async evaluate(expression: string): Promise<unknown> {
    const params = { expression, returnByValue: true, awaitPromise: true }
    const { error, result } = await this.#ask('Runtime.evaluate', params)
    const trouble = error?.message ?? result?.exceptionDetails
    if (trouble !== undefined) throw new Error(`${expression}: ${JSON.stringify(trouble)}`)
    return result?.result?.value
  }

  /** The text that a person sees. */
  async text(): Promise<string> {
    // A page that is still on its way has no body.
    return String(await this.evaluate("document.body?.innerText ?? ''"))
  }

  #ask(method: string, params: object): Promise<z.infer<typeof Answer>> {
    const id = ++this.#sent
    this.#socket.send(JSON.stringify({ id, method, params }))
    return new Promise((resolve) => this.#waiting.set(id, resolve))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close()
    this.#child.kill('SIGKILL')
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      await once(this.#child, 'exit')
    }
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Opens a page; where to speak to it. */
async function pageAt(address: string, portFile: string): Promise<string> {
  const port = async () => (await readFile(portFile, 'utf8').catch(() => '')).split('\n')[0] ?? ''
  await until('the browser listens', async () => (await port()) !== '')
  const made = `http://127.0.0.1:${await port()}/json/new?${encodeURIComponent(address)}`
  return Tab.parse(await (await fetch(made, { method: 'PUT' })).json()).webSocketDebuggerUrl
}
