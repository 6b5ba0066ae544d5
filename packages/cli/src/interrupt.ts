import { CliError } from './errors.ts'
import { EXIT } from './exit-codes.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

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
  const handle = (signal: NodeJS.Signals): void => {
    if (signal === 'SIGINT' && ignoreCtrlC) return
    // Asked twice: whoever asks does not want to wait for an orderly end.
    if (controller.signal.aborted) process.exit(EXIT.interrupted)
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
