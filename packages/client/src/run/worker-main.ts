import { parentPort } from 'node:worker_threads'
import { messageOf } from '../errors.ts'

/** Runs in a thread: calls functions of other files, one at a time, and says what came of it. */

interface Order {
  /** Its answer repeats it: functions may post messages of their own. */
  readonly number: number
  readonly file: string
  readonly name: string
  readonly input: unknown
}

const loaded = new Set<string>()

parentPort?.on('message', (order: Order) => {
  void carryOut(order)
})

async function carryOut({ number: answerTo, file, name, input }: Order): Promise<void> {
  try {
    const module: unknown = await import(file)
    if (!loaded.has(file)) {
      loaded.add(file)
      tell({ loadedFor: answerTo })
    }
    const run: unknown = Reflect.get(Object(module), name)
    if (typeof run !== 'function') throw new TypeError(`${file} exports no function '${name}'`)
    const output: unknown = await Reflect.apply(run, undefined, [input])
    tell({ answerTo, ok: true, output })
  } catch (thrown) {
    tell({ answerTo, ok: false, message: messageOf(thrown) })
  }
}

function tell(answer: object): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  parentPort?.postMessage(answer)
}
