import { RunError, type Client, type Run, type RunOptions, type RunResult } from '@skein/client'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { explain } from '../explain.ts'
import { inputFromPairs, parsePairs, type Row } from '../input.ts'
import { readRows } from '../input-file.ts'
import { watchInterrupts } from '../interrupt.ts'
import { connect, connectLocally, troublesOf, type NetworkOptions } from '../network.ts'
import { loadProgram, type Program } from '../program-file.ts'
import type { Terminal } from '../terminal.ts'
import { HOW_TO_START } from '../views/network.ts'
import { resultJson, type Way } from '../views/result-json.ts'
import { drawFailures, drawFigures, drawOutput } from '../views/results.ts'
import { counted } from '../views/text.ts'
import { drawTrace, drawWay } from '../views/trace.ts'
import { watchRun } from '../watch-run.ts'

export interface RunCommandOptions extends NetworkOptions {
  readonly input?: readonly string[]
  readonly inputs?: string
  readonly export?: string
  /** A file of answers in place of models. */
  readonly script?: string
  readonly trace?: boolean
  readonly json?: boolean
  readonly local?: boolean
  /** Seconds; true: for ever. */
  readonly waitForNodes?: number | true
}

/** Runs what a file exports, shows how it goes and prints what came of it. */
export async function runProgram(
  file: string,
  options: RunCommandOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const program = await loadProgram(file, options.export)
  const { script } = options
  if (script !== undefined) {
    const { runOnScript } = await import('./run-script.ts')
    return runOnScript(program, { ...options, script }, terminal)
  }
  const inputs = await readInputs(program, options)
  const { talk } = terminal
  using interrupts = watchInterrupts({
    onFirst: () => talk.line('Stopping; what is done is kept. Ctrl-C again quits at once.'),
  })
  const { signal } = interrupts
  await using connection = await (options.local ? connectLocally() : connect(options))
  if (program.needsNodes) insistOnNodes(connection.client, options)
  for (const note of connection.notes) talk.line(talk.paint('yellow', note))
  const run = begin(connection.client, {
    program,
    inputs,
    options: { signal, ...waiting(options), ...(options.trace && { trace: true }) },
  })
  const watched = watchRun(run, {
    name: program.name,
    signal,
    terminal,
    ...(program.needsNodes && { nodes: () => connection.client.nodes().map((node) => node.name) }),
  })
  try {
    const result = await run
    await watched
    return tellResult(result, { ...options, isOne: isOneWorkflow(program, inputs) }, terminal)
  } catch (error) {
    await watched
    return tellFailure(error, options, terminal)
  }
}

/** Says at once what is missing, instead of letting a run wait for it. */
function insistOnNodes(client: Client, { waitForNodes }: RunCommandOptions): void {
  if (waitForNodes !== undefined || client.nodes().length > 0) return
  const troubles = troublesOf(client).map((trouble) => `\n  ${trouble}`)
  throw new CliError('UNREACHABLE', `no node of your network can be reached${troubles.join('')}`, {
    mend:
      `${HOW_TO_START}\n` +
      'Or lend this machine to this run alone: --local. Or wait for a node: --wait-for-nodes.',
  })
}

type Inputs = { readonly row: Row } | { readonly rows: readonly Row[] }

async function readInputs(
  { schema }: Program,
  { input = [], inputs }: RunCommandOptions,
): Promise<Inputs> {
  if (inputs === undefined) return { row: inputFromPairs(input, schema) }
  const common = parsePairs(input, schema)
  return { rows: await readRows(inputs, { schema, common, stdin: process.stdin }) }
}

interface Beginning {
  readonly program: Program
  readonly inputs: Inputs
  readonly options: RunOptions
}

function begin(client: Client, { program, inputs, options }: Beginning): Run<unknown, unknown> {
  const { work } = program
  return 'rows' in inputs
    ? client.run(work, inputs.rows, options)
    : client.run(work, inputs.row, options)
}

function waiting({ waitForNodes }: RunCommandOptions): RunOptions {
  if (waitForNodes === undefined) return {}
  return { waitForNodes: waitForNodes === true ? true : waitForNodes * 1000 }
}

/** Whether one workflow ran on one input: then its steps are told. */
function isOneWorkflow({ kind }: Program, inputs: Inputs): boolean {
  return kind === 'workflow' && 'row' in inputs
}

function wayOf({ tasks: [task] }: RunResult<unknown>): Way {
  if (task?.steps === undefined) return {}
  const { steps, trace } = task
  return trace === undefined ? { steps } : { steps, trace }
}

function tellResult(
  result: RunResult<unknown>,
  { json, isOne }: RunCommandOptions & { readonly isOne: boolean },
  { data, talk }: Terminal,
): ExitCode {
  const { output, failures, stats } = result
  const way = isOne ? wayOf(result) : {}
  data.line(json ? JSON.stringify(resultJson(result, undefined, way)) : drawOutput(output))
  if (!json && way.trace)
    talk.line(`${drawTrace(way.trace, talk.paint)}\n${drawWay(way.steps ?? [])}`)
  if (failures.length > 0) talk.line(drawFailures(failures, talk.paint))
  talk.line(talk.paint('dim', drawFigures(stats)))
  return failures.length > 0 ? EXIT.partial : EXIT.ok
}

/** Nothing done is lost: what a failed run carries is printed before why it failed. */
function tellFailure(
  error: unknown,
  { json }: RunCommandOptions,
  { data, talk }: Terminal,
): ExitCode {
  if (!(error instanceof RunError)) throw error
  const { message, exitCode } = explain(error)
  const { result, code } = error
  const { output, failures, stats } = result
  if (json) data.line(JSON.stringify(resultJson(result, { code, message })))
  else if (hasOutput(output)) data.line(drawOutput(output))
  if (exitCode === EXIT.interrupted) {
    talk.line(`Interrupted: ${describeDone(output)}. The same command starts anew.`)
  } else {
    if (failures.length > 1) talk.line(drawFailures(failures, talk.paint))
    talk.line(`${talk.paint('red', 'error:')} ${message}`)
  }
  talk.line(talk.paint('dim', drawFigures(stats)))
  return exitCode
}

function hasOutput(output: unknown): boolean {
  return Array.isArray(output) ? output.length > 0 : output !== undefined
}

function describeDone(output: unknown): string {
  if (!hasOutput(output)) return 'no row was done yet'
  return `${counted(Array.isArray(output) ? output.length : 1, 'row')} done, printed above`
}
