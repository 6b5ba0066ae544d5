import { EXIT, type ExitCode } from './exit-codes.ts'

/** Why a command stops before its end. */
export type CliErrorCode = 'FAILED' | 'USAGE' | 'UNREACHABLE' | 'INTERRUPTED'

const EXIT_CODES: Readonly<Record<CliErrorCode, ExitCode>> = {
  FAILED: EXIT.failed,
  USAGE: EXIT.usage,
  UNREACHABLE: EXIT.unreachable,
  INTERRUPTED: EXIT.interrupted,
}

export interface CliErrorOptions extends ErrorOptions {
  /** What to do about it, in a sentence or a few lines. */
  readonly mend?: string | undefined
}

/** Every error of this package: its message is for the person at the terminal. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly code: CliErrorCode
  readonly mend: string | undefined

  constructor(code: CliErrorCode, message: string, options: CliErrorOptions = {}) {
    super(message, options)
    this.code = code
    this.mend = options.mend
  }

  /** What the shell is told. */
  get exitCode(): ExitCode {
    return EXIT_CODES[this.code]
  }
}

/** The code of a system error (`ENOENT`), or of one of our packages (`PEER_UNREACHABLE`); empty without one. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}
