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
import { carryOut, type CarryOutOptions } from './carry-out.ts'

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
  const isOne = program.kind === 'workflow' && 'row' in inputs
  const begin = (client: Client, given: RunOptions): Run<unknown, unknown> =>
    'rows' in inputs
      ? client.run(program.work, inputs.rows, { ...given, ...own })
      : client.run(program.work, inputs.row, { ...given, ...own })
  const bad = 'bad' in inputs ? inputs.bad : 0
  const { talk } = terminal
  if (bad > 0) talk.line(`${counted(bad, 'row')} left out: ${options.failures} says why`)
  const code = await carryOut({ program, isOne, begin }, options, terminal)
  return bad > 0 && code === EXIT.ok ? EXIT.partial : code
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

async function readInputs(
  { schema }: Program,
  { input = [], inputs = [], failures }: RunCommandOptions,
): Promise<Inputs> {
  const [file, second] = inputs
  if (second !== undefined) {
    throw new CliError('USAGE', `--inputs is given twice: ${file} and ${second}`, {
      mend: 'A run reads one file. Join them first: cat a.jsonl b.jsonl | skein run … --inputs -',
    })
  }
  if (file === undefined) {
    if (failures === undefined) return { row: inputFromPairs(input, schema) }
    throw new CliError('USAGE', '--failures takes rows of --inputs, which is not given')
  }
  const common = parsePairs(input, schema)
  const to = failures === undefined ? {} : { failures }
  return readRows(file, { schema, common, stdin: process.stdin, ...to })
}
