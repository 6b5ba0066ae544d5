import { resolve } from 'node:path'
import type { Client, Run, RunOptions } from '@skein/client'
import { calledAs } from '../called.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { contextOf } from '../context-values.ts'
import { inputFromPairs, parsePairs, type Row } from '../input.ts'
import { readRows, type FileRows } from '../input-file.ts'
import { loadProgram, type Program } from '../program-file.ts'
import { openRecords, sourceText } from '../recorded.ts'
import type { Terminal } from '../terminal.ts'
import { counted } from '../views/text.ts'
import { carryOut, type CarryOutOptions, type Job } from './carry-out.ts'

export interface RunCommandOptions extends CarryOutOptions {
  readonly input?: readonly string[]
  readonly inputs?: readonly string[]
  readonly export?: string
  /** A file of answers in place of models. */
  readonly script?: string
  /** A file that takes rows that are wrong. */
  readonly failures?: string
  /** `name=value`, for steps that declare it. */
  readonly context?: readonly string[]
  /** Of the run. */
  readonly id?: string
  readonly project?: string
}

/** Runs what a file exports, shows how it goes and prints what came of it. */
export async function runProgram(
  file: string,
  options: RunCommandOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const program = await loadProgram(file, options.export)
  insistOnSound(file, program)
  const { script } = options
  if (script !== undefined) {
    const { runOnScript } = await import('./run-script.ts')
    return runOnScript(program, { ...options, script }, terminal)
  }
  insistOnTwoFiles(options)
  const inputs = await readInputs(program, options)
  if (options.id !== undefined) await insistOnNew(options.id, options)
  const own = ownOptions(file, program, options)
  if ('row' in inputs) {
    const isOne = program.kind === 'workflow'
    const begin = (client: Client, given: RunOptions): Run<unknown, unknown> =>
      client.run(program.work, inputs.row, { ...given, ...own })
    return carryOut({ program, isOne, begin }, options, terminal)
  }
  const begin = (client: Client, given: RunOptions): Run<unknown, unknown> =>
    client.run(program.work, inputs.rows, { ...given, ...own })
  return carryOutRows({ program, isOne: false, begin, inputs }, options, terminal)
}

/** Carries out what runs on the rows of a file, and tells of those that were left out. */
export async function carryOutRows(
  { inputs, ...job }: Job & { readonly inputs: FileRows },
  options: CarryOutOptions & Pick<RunCommandOptions, 'failures'>,
  terminal: Terminal,
): Promise<ExitCode> {
  let told = 0
  const tellBad = (): void => {
    const { bad } = inputs
    const { failures } = options
    // Without a file for it a row that is wrong ends the run, which says why.
    if (bad > told && failures !== undefined) {
      terminal.talk.line(`${counted(bad, 'row')} left out: ${failures} says why`)
    }
    told = bad
  }
  tellBad()
  try {
    const isUnread = (): boolean => inputs.isUnread
    const code = await carryOut(job, { ...options, isUnread }, terminal)
    // Others may have come since.
    tellBad()
    return told > 0 && code === EXIT.ok ? EXIT.partial : code
  } finally {
    inputs.close()
  }
}

/** @throws {CliError} `USAGE` one file would take the output and the rows that are left out */
function insistOnTwoFiles({ failures, save }: RunCommandOptions): void {
  if (failures === undefined || save === undefined || resolve(failures) !== resolve(save)) return
  throw new CliError('USAGE', `--failures and --save are the same file, ${save}`, {
    mend: 'Let bad rows go elsewhere: --failures bad-rows.jsonl',
  })
}

/** What the run is told of itself. */
function ownOptions(
  file: string,
  { validate }: Program,
  { id, project, context, export: name, local = false }: RunCommandOptions,
): Pick<RunOptions, 'source' | 'id' | 'project' | 'context'> {
  return {
    source: sourceText({ file, local, ...(name !== undefined && { export: name }) }),
    ...(id !== undefined && { id }),
    ...(project !== undefined && { project }),
    ...(context && { context: contextOf(context, validate ? validate().context : []) }),
  }
}

/** @throws {CliError} `USAGE` a step of the pipeline cannot work on what it is given */
function insistOnSound(file: string, { name, validate }: Program): void {
  const [first] = validate?.().errors ?? []
  if (!first) return
  throw new CliError('USAGE', `${file}: ${name}, step ${first.step}: ${first.message}`, {
    mend: `Nothing was run. ${calledAs(process.env)} check ${file} lists all that does not fit.`,
  })
}

/** @throws {CliError} `USAGE` there is a run of that name */
export async function insistOnNew(id: string, { home }: { readonly home?: string }): Promise<void> {
  await using records = await openRecords(home)
  const known = await records.store.runs.get(id)
  if (!known) return
  const skein = calledAs(process.env)
  throw new CliError('USAGE', `there is a run '${id}' already; it is ${known.state}`, {
    mend:
      `${skein} runs resume ${id} goes on with it, ${skein} runs rerun ${id} does it again under a new id,\n` +
      `${skein} runs remove ${id} forgets it. Or give this one another --id.`,
  })
}

type Inputs = { readonly row: Row } | FileRows

async function readInputs(program: Program, options: RunCommandOptions): Promise<Inputs> {
  const { input = [], inputs: [file] = [], failures } = options
  if (file !== undefined) return readGivenRows(program, options)
  if (failures === undefined) return { row: inputFromPairs(input, program.schema) }
  throw new CliError('USAGE', '--failures takes rows of --inputs, which is not given')
}

/**
 * The rows of `--inputs`, each with what `--input` says of all.
 *
 * @throws {CliError} `USAGE`
 */
export async function readGivenRows(
  { schema }: Program,
  { input = [], inputs: [file = '', second] = [], failures }: RunCommandOptions,
): Promise<FileRows> {
  if (second !== undefined) {
    throw new CliError('USAGE', `--inputs is given twice: ${file} and ${second}`, {
      mend: 'A run reads one file. Join them first: cat a.jsonl b.jsonl | skein run … --inputs -',
    })
  }
  const common = parsePairs(input, schema)
  const to = failures === undefined ? {} : { failures }
  return readRows(file, { schema, common, stdin: process.stdin, ...to })
}
