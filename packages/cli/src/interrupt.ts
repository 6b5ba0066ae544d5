import { CliError } from './errors.ts'
import { EXIT } from './exit-codes.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** What a terminal sends to all its processes comes once more from those that pass on what they get. */
const ECHO_MS = 300

const NAMES: Readonly<Record<string, string>> = { SIGINT: 'Ctrl-C' }

export interface Interrupts extends Disposable {
  /** Aborted by the first Ctrl-C, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal
}

export interface InterruptOptions {
  /** Told once, before anything stops: the place to say what happens and how to go on. */
  readonly onFirst?: () => void
  /** Whether Ctrl-C is somebody else's: it reaches every process of a terminal. @default false */
  readonly ignoreCtrlC?: boolean
}

/** Stops work gently at the first signal, and this process at once at the second. */
export function watchInterrupts(options: InterruptOptions = {}): Interrupts {
  const { onFirst = () => {}, ignoreCtrlC = false } = options
  const controller = new AbortController()
  let firstAt = 0
  const handle = (signal: NodeJS.Signals): void => {
    if (signal === 'SIGINT' && ignoreCtrlC) return
    if (controller.signal.aborted) {
      if (performance.now() - firstAt < ECHO_MS) return
      // Asked twice: whoever asks does not want to wait for an orderly end.
      process.exit(EXIT.interrupted)
    }
    firstAt = performance.now()
    onFirst()
    controller.abort(new CliError('INTERRUPTED', `stopped by ${NAMES[signal] ?? signal}`))
  }
  for (const signal of SIGNALS) process.on(signal, handle)
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const signal of SIGNALS) process.off(signal, handle)
    },
  }
}
