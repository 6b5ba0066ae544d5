import { accessSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { RunError, save, type RunResult } from '@skein/client'
import { CliError, codeOf } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { explain } from '../explain.ts'
import { reasonOf } from '../files.ts'
import { calledAs } from '../called.ts'
import type { Terminal } from '../terminal.ts'
import { asJson, type AsJson } from '../views/json-output.ts'
import { resultJson, type Way } from '../views/result-json.ts'
import { drawFailures, drawFigures, drawOutput } from '../views/results.ts'
import { counted, printable } from '../views/text.ts'
import { drawTrace, drawWay } from '../views/trace.ts'

/** How what came of a run is told. */
export interface TellOptions {
  readonly json?: boolean
  /** A file that takes the output. */
  readonly save?: string
  readonly local?: boolean
  readonly home?: string
  /** Whether there may be inputs that were not read: they are not recorded. */
  readonly isUnread?: () => boolean
}

const FORMATS = /\.(?:jsonl|ndjson|csv|parquet)$/i

/** A run is not begun for a file that cannot be written. */
export function insistOnWritable(file: string): void {
  if (!FORMATS.test(file)) {
    throw new CliError('USAGE', `${file}: rows are saved as .jsonl, .csv or .parquet`, {
      mend: 'Name the file so.',
    })
  }
  const problem = unwritable(file)
  if (problem !== undefined) throw new CliError('USAGE', `cannot write ${file}: ${problem}`)
}

function unwritable(file: string): string | undefined {
  const folder = dirname(file)
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return `${folder} is no folder`
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) return 'it is a folder'
  try {
    accessSync(folder, constants.W_OK)
    return undefined
  } catch (error) {
    return `${folder}: ${reasonOf(codeOf(error))}`
  }
}

/** Prints or saves what a run came to. */
export async function tellResult(
  result: RunResult<unknown>,
  options: TellOptions & { readonly isOne: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const output = asJson(result.output)
  const way = options.isOne ? wayOf(result) : {}
  await deliver(result, output, { options, terminal, way })
  const { talk } = terminal
  const { failures, stats, id } = result
  if (failures.length > 0) talk.line(drawFailures(failures, talk.paint))
  talk.line(talk.paint('dim', `${drawFigures(stats)}; run ${printable(id)}`))
  // What is saved instead of printed need not be printable: the file has it, or was refused.
  const isPrinted = options.save === undefined || options.json === true
  if (isPrinted && output.problems.length > 0) {
    tellUnprintable(output, terminal)
    return EXIT.failed
  }
  return failures.length > 0 ? EXIT.partial : EXIT.ok
}

/** JSON for a program; for a person the output, or the file that takes it, and the way there. */
async function deliver(
  result: RunResult<unknown>,
  output: AsJson,
  to: { readonly options: TellOptions; readonly terminal: Terminal; readonly way: Way },
): Promise<void> {
  const { way, options } = to
  const { data, talk } = to.terminal
  const { json, save: file } = options
  if (json) data.line(JSON.stringify(resultJson(result, problemOf(output), way)))
  if (file !== undefined) await saveOutput(result, file)
  if (json) return
  if (file === undefined) data.line(drawOutput(output.value))
  if (way.trace) talk.line(`${drawTrace(way.trace, talk.paint)}\n${drawWay(way.steps ?? [])}`)
}

/** Nothing done is lost: what a failed run carries is printed before why it failed. */
export function tellFailure(error: unknown, options: TellOptions, terminal: Terminal): ExitCode {
  if (!(error instanceof RunError)) throw error
  const { data, talk } = terminal
  const { message, exitCode, mend } = explain(error)
  const { result, code } = error
  const { failures, stats } = result
  const { value: output } = asJson(result.output)
  if (options.json) data.line(JSON.stringify(resultJson(result, { code, message })))
  else if (options.save === undefined && hasOutput(output)) data.line(drawOutput(output))
  const done = describeDone(result, options)
  if (exitCode === EXIT.interrupted) {
    talk.line(`Interrupted: ${done}. To go on: ${resumeCommand(result.id, options)}`)
  } else {
    if (failures.length > 1) talk.line(drawFailures(failures, talk.paint))
    talk.line(`${talk.paint('red', 'error:')} ${message}`)
    if (mend !== undefined) talk.line(mend)
    if (options.save !== undefined && hasOutput(output)) talk.line(`Nothing is lost: ${done}.`)
  }
  talk.line(talk.paint('dim', `${drawFigures(stats)}; run ${printable(result.id)}`))
  return exitCode
}

async function saveOutput({ id, output }: RunResult<unknown>, file: string): Promise<void> {
  try {
    await save(file, Array.isArray(output) ? output : [output])
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    const mend = `Nothing is lost: ${calledAs(process.env)} runs export ${id} FILE`
    throw new CliError('FAILED', message, { cause, mend })
  }
}

function problemOf({ problems: [first] }: AsJson): { code: string; message: string } | undefined {
  return first === undefined ? undefined : { code: 'UNPRINTABLE', message: first }
}

function tellUnprintable({ problems }: AsJson, { talk }: Terminal): void {
  const [first, ...others] = problems
  const more = others.length === 0 ? '' : ` (and ${counted(others.length, 'other row')})`
  talk.line(`${talk.paint('red', 'error:')} ${first}${more}`)
  talk.line(
    'Everything else is printed. A last step can make a text of it: .map((row) => String(row))',
  )
}

function wayOf({ tasks: [task] }: RunResult<unknown>): Way {
  if (task?.steps === undefined) return {}
  const { steps, trace } = task
  return trace === undefined ? { steps } : { steps, trace }
}

/** It goes on where it ran: that is recorded with it. */
function resumeCommand(id: string, { home, isUnread }: TellOptions): string {
  const command = `${calledAs(process.env)} runs resume ${id}${homeOf(home)}`
  return isUnread?.() ? `${command} --inputs FILE, with the same rows from the first` : command
}

function hasOutput(output: unknown): boolean {
  return Array.isArray(output) ? output.length > 0 : output !== undefined && output !== null
}

function describeDone(
  { id, output }: RunResult<unknown>,
  { save: file, home }: TellOptions,
): string {
  if (!hasOutput(output)) return 'no row was done yet'
  const done = `${counted(Array.isArray(output) ? output.length : 1, 'row')} done`
  if (file === undefined) return `${done}, printed above`
  return `${done}; ${calledAs(process.env)} runs export ${id} FILE${homeOf(home)} saves them`
}

function homeOf(home: string | undefined): string {
  return home === undefined ? '' : ` --home ${home}`
}
