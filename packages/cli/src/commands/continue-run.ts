import type { Client, Run, RunOptions, RunRecord } from '@skein/client'
import { CliError } from '../errors.ts'
import type { ExitCode } from '../exit-codes.ts'
import { loadProgram, type Program } from '../program-file.ts'
import { openRecords, sourceOf, sourceText, type Source } from '../recorded.ts'
import type { Terminal } from '../terminal.ts'
import { contextOf } from '../context-values.ts'
import { carryOut, type CarryOutOptions } from './carry-out.ts'
import { carryOutRows, insistOnNew, readGivenRows, type RunCommandOptions } from './run-program.ts'

export interface ContinueOptions
  extends CarryOutOptions, Pick<RunCommandOptions, 'input' | 'inputs' | 'failures'> {
  /** The file of the plan. */
  readonly file?: string
  readonly export?: string
  /** The step that is done anew. */
  readonly from?: string
  /** Of the new run. */
  readonly id?: string
  /** `name=value`, of the new run. */
  readonly context?: readonly string[]
}

/** Goes on with a run where it stopped. */
export async function resumeRun(
  id: string,
  options: ContinueOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { program: found, isDone, isOne, where } = await find(id, options)
  // Everything is recorded: nobody is asked, unless the plan was changed.
  const program = isDone ? { ...found, needsNodes: false } : found
  if (options.inputs) {
    const inputs = await readGivenRows(program, options)
    const begin = (client: Client, given: RunOptions): Run<unknown, unknown> =>
      client.resume(id, program.work, { ...given, inputs: inputs.rows })
    return carryOutRows({ program, isOne, begin, inputs }, { ...options, ...where }, terminal)
  }
  insistOnInputs(options)
  // Where it stopped, and in what order, is recorded; only how it is watched is said anew.
  const begin = (client: Client, given: RunOptions): Run<unknown, unknown> =>
    client.resume(id, program.work, given)
  return carryOut({ program, isOne, begin }, { ...options, ...where }, terminal)
}

/** @throws {CliError} `USAGE` something is said of rows, and none are given */
function insistOnInputs({ input, failures }: ContinueOptions): void {
  if (input === undefined && failures === undefined) return
  const stray = input === undefined ? 'failures' : 'input'
  throw new CliError('USAGE', `--${stray} is said of the rows of --inputs, which is not given`)
}

/** Does a run again, under a new id. */
export async function rerunRun(
  parent: string,
  options: ContinueOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { program, isOne, source, where } = await find(parent, options)
  const { from, id, context } = options
  if (id !== undefined) await insistOnNew(id, options)
  const own = {
    source: sourceText({ ...source, ...where }),
    ...(from !== undefined && { from }),
    ...(id !== undefined && { id }),
    ...(context && { context: contextOf(context) }),
  }
  const begin = (client: Client, given: RunOptions): Run<unknown, unknown> =>
    client.rerun(parent, program.work, { ...given, ...own })
  return carryOut({ program, isOne, begin }, { ...options, ...where }, terminal)
}

interface Found {
  readonly program: Program
  readonly source: Source
  readonly isOne: boolean
  readonly isDone: boolean
  /** Where it runs: as it did, unless nodes are named. */
  readonly where: { readonly local: boolean }
}

async function find(id: string, options: ContinueOptions): Promise<Found> {
  const record = await recordOf(id, options.home)
  const source = sourceOf(record, options)
  const program = await loadProgram(source.file, source.export)
  const { local = !isElsewhere(options) && (source.local ?? false) } = options
  const isOne = program.kind === 'workflow' && record.inputs === 'one'
  return { program, source, isOne, isDone: record.state === 'done', where: { local } }
}

function isElsewhere({ node = [], lan = false }: ContinueOptions): boolean {
  return lan || node.length > 0
}

async function recordOf(id: string, home: string | undefined): Promise<RunRecord> {
  await using records = await openRecords(home)
  return await records.runs.show(id)
}
