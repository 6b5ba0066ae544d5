import type { Execute, Result, Task } from './peer.ts'

interface TaskFrame {
  readonly call: number
  readonly task: Task
}

interface ResultFrame {
  readonly call: number
  readonly result: Result
}

/** Length-prefixed JSON over any pipe of bytes; the frames of one turn of the event loop leave as one write. */
export function createFramer(write: (bytes: Buffer) => void): (message: unknown) => void {
  let queue: unknown[] = []
  const flush = (): void => {
    const messages = queue
    queue = []
    const parts: Buffer[] = []
    for (const message of messages) {
      const body = Buffer.from(JSON.stringify(message))
      const head = Buffer.allocUnsafe(4)
      head.writeUInt32BE(body.length)
      parts.push(head, body)
    }
    write(Buffer.concat(parts))
  }
  return (message) => {
    if (queue.push(message) === 1) setImmediate(flush)
  }
}

/** The other direction: takes bytes cut anywhere, calls back with each message. */
export function createDeframer(onFrame: (frame: unknown) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    let at = 0
    while (bytes.length - at >= 4) {
      const end = at + 4 + bytes.readUInt32BE(at)
      if (end > bytes.length) break
      onFrame(JSON.parse(bytes.toString('utf8', at + 4, end)) as unknown)
      at = end
    }
    rest = bytes.subarray(at)
  }
}

/** The worker's side of a pipe: takes its bytes, answers each task as soon as the engine is done. */
export function createAnswerer(
  execute: Execute,
  write: (bytes: Buffer) => void,
): (chunk: Buffer) => void {
  const send = createFramer(write)
  const answer = async ({ call, task }: TaskFrame): Promise<void> => {
    send({ call, result: await execute(task) })
  }
  return createDeframer((frame) => void answer(frame as TaskFrame))
}

/** The coordinator's side of a pipe: joins replies with their requests. */
export class Caller {
  readonly #send: (frame: TaskFrame) => void
  /** Takes the pipe's bytes. */
  readonly take: (chunk: Buffer) => void
  readonly #pending = new Map<number, PromiseWithResolvers<Result>>()
  #next = 0

  constructor(write: (bytes: Buffer) => void) {
    this.#send = createFramer(write)
    this.take = createDeframer((frame) => this.#settle(frame as ResultFrame))
  }

  call(task: Task): Promise<Result> {
    const waiter = Promise.withResolvers<Result>()
    const call = this.#next
    this.#next += 1
    this.#pending.set(call, waiter)
    this.#send({ call, task })
    return waiter.promise
  }

  #settle({ call, result }: ResultFrame): void {
    this.#pending.get(call)?.resolve(result)
    this.#pending.delete(call)
  }

  fail(error: Error): void {
    for (const waiter of this.#pending.values()) waiter.reject(error)
    this.#pending.clear()
  }
}
