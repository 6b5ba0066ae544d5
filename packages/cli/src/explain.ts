import { CliError, codeOf } from './errors.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'

/** What a person is told about an error. */
export interface Explanation {
  readonly message: string
  /** What to do about it. */
  readonly mend?: string | undefined
  readonly exitCode: ExitCode
  /** Nobody foresaw it: the fault is ours. */
  readonly bug: boolean
}

/** The error classes of our packages: their messages are written for people. */
const OURS = new Set([
  'WorkflowError',
  'ProtocolError',
  'ClientError',
  'RunError',
  'EngineError',
  'NodeError',
])

/** Codes that mean that no network or no node could be reached. */
const UNREACHABLE = new Set([
  'PEER_UNREACHABLE',
  'WRONG_NETWORK',
  'WRONG_PEER',
  'WRONG_VERSION',
  'SESSION_CLOSED',
  'PEER_SILENT',
  'UNAVAILABLE',
  'NO_NODES',
  'NO_SUCH_MODEL',
])

/** Codes that mean that the command was called wrongly. */
const USAGE = new Set(['INVALID_ADDRESS', 'INVALID_INPUT', 'INVALID_PLAN', 'NO_SUCH_RUN'])

/** What to do about it, where that is always the same. */
const MENDS: Readonly<Record<string, string>> = {
  NO_SUCH_RUN: 'skein runs list shows those there are.',
  NO_SUCH_MODEL: 'skein models lists the models of your network.',
}

/** Errors of the system that a person can do something about. */
const SYSTEM: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  ENOENT: 'no such file or folder',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is no folder',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EMFILE: 'too many open files',
}

/** Puts any error into words. */
export function explain(error: unknown): Explanation {
  if (error instanceof CliError) {
    return { message: error.message, mend: error.mend, exitCode: error.exitCode, bug: false }
  }
  // By name, not by class: a program that is run may bring its own copy of a package.
  if (error instanceof Error && OURS.has(error.name)) {
    const mend = mendOf(error)
    return { message: error.message, mend, exitCode: exitCodeOf(error), bug: false }
  }
  const system = SYSTEM[codeOf(error)]
  if (system !== undefined && error instanceof Error) {
    const path = 'path' in error ? ` ${String(error.path)}` : ''
    return { message: `cannot use${path}: ${system}`, exitCode: EXIT.failed, bug: false }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { message, exitCode: EXIT.failed, bug: true }
}

/** Where it depends on more than the code, the message says the rest. */
function mendOf(error: Error): string | undefined {
  const code = codeOf(error)
  if (code === 'RUN_HELD') return mendOfHeld(error)
  if (error.message.includes('needs another context')) {
    const text = /expected string/.test(error.message)
      ? '\nA text that would pass for something else stands in quotes: --context \'name="123"\'.'
      : ''
    return `Give it: --context name=value (skein run, skein runs rerun).${text}`
  }
  if (error.message.includes('inputs and not all')) {
    const [, id = 'ID'] = /\brun '([^']+)'/.exec(error.message) ?? []
    return `Give them again: skein runs resume ${id} --inputs FILE`
  }
  return MENDS[code] ?? mendWithin(error)
}

function mendOfHeld({ message }: Error): string {
  const [, id = 'ID'] = /\brun '([^']+)'/.exec(message) ?? []
  return message.includes('has ended run')
    ? `skein runs show ${id} shows how.`
    : `skein watch ${id} shows how far it is; skein runs cancel ${id} stops it.`
}

/** Where reading the inputs ended a run, whoever reads them knows. */
function mendWithin({ cause }: Error): string | undefined {
  if (cause instanceof CliError) return cause.mend
  return cause instanceof Error ? mendWithin(cause) : undefined
}

function exitCodeOf(error: Error): ExitCode {
  const code = codeOf(error)
  if (code === 'CANCELLED') return EXIT.interrupted
  if (error.name === 'WorkflowError' || USAGE.has(code)) return EXIT.usage
  return UNREACHABLE.has(code) ? EXIT.unreachable : EXIT.failed
}
