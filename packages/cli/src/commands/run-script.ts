import type { Outcome, StepTrace, WorkflowDocument, WorkflowError } from '@skein/workflows'
import { parseAnswerScript } from '../answer-script.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { readJson } from '../files.ts'
import { inputFromPairs, inputHelp, type Row } from '../input.ts'
import type { Program } from '../program-file.ts'
import { runScripted } from '../scripted-world.ts'
import type { Terminal } from '../terminal.ts'
import { drawOutput } from '../views/results.ts'
import { drawTrace, drawWay } from '../views/trace.ts'

/** Options of `skein run` that say something of a recorded run, or of nodes. */
const ELSEWHERE = [
  'save',
  'id',
  'project',
  'context',
  'failures',
  'local',
  'node',
  'lan',
  'waitForNodes',
] as const

export interface ScriptOptions extends Partial<Record<(typeof ELSEWHERE)[number], unknown>> {
  readonly script: string
  readonly input?: readonly string[]
  readonly inputs?: readonly string[]
  readonly json?: boolean
  readonly trace?: boolean
}

/** What `skein run --script --json` prints. Scripts depend on these names. */
interface ScriptedJson {
  readonly output: unknown
  /** Ids in the order in which they ran. */
  readonly steps: readonly string[]
  readonly trace?: readonly StepTrace[]
  readonly error?: { readonly code: string; readonly message: string; readonly step?: string }
}

/** Runs a workflow in this process, on the answers of a file. */
export async function runOnScript(
  program: Program,
  options: ScriptOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const document = documentOf(program, options)
  const script = parseAnswerScript(await readJson(options.script), document, options.script)
  const input = inputFromPairs(options.input ?? [], program.schema)
  const run = await runScripted(document, input, { script, trace: options.trace === true })
  if (run.ok) {
    tellOutcome(run.outcome, options, terminal)
    return EXIT.ok
  }
  const { error, steps, trace } = run
  if (error.code === 'INVALID_INPUT') throw asUsage(error, program)
  const { code, message, step } = error
  const problem = { code, message, ...(step === undefined ? {} : { step }) }
  if (options.json) {
    tellJson({ output: null, steps, ...(options.trace && { trace }), error: problem }, terminal)
  } else if (options.trace) tellTrace(trace, terminal)
  // An input that may be left out, and is needed on this way: the caller can mend that.
  if (code === 'MISSING_VALUE' && lacksInput(document, input)) throw asUsage(error, program)
  throw new CliError('FAILED', message, { cause: error })
}

function documentOf({ kind, name, document }: Program, options: ScriptOptions): WorkflowDocument {
  if (document === undefined) {
    throw new CliError('USAGE', `'${name}' is a ${kind}: --script runs a workflow by itself`, {
      mend: 'Export the workflow, and name it: --export NAME',
    })
  }
  if (options.inputs !== undefined) {
    throw new CliError('USAGE', '--script runs one input, and --inputs is a file of many', {
      mend: 'Give the input as --input name=value.',
    })
  }
  const stray = ELSEWHERE.find((option) => options[option] !== undefined)
  if (stray === undefined) return document
  const flag = stray.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  throw new CliError('USAGE', `--${flag} has no place beside --script`, {
    mend: 'A script answers in this process, without a node, and nothing is recorded: leave one of them out.',
  })
}

function lacksInput({ optionalInputs = [], memory = {} }: WorkflowDocument, input: Row): boolean {
  return optionalInputs.some((key) => !Object.hasOwn(input, key) && !Object.hasOwn(memory, key))
}

function asUsage(error: WorkflowError, { schema }: Program): CliError {
  return new CliError('USAGE', error.message, { cause: error, mend: inputHelp(schema) })
}

function tellOutcome(
  { output, steps, trace }: Outcome,
  options: ScriptOptions,
  terminal: Terminal,
): void {
  const { data, talk } = terminal
  if (options.json) {
    const traced = options.trace ? { trace } : {}
    tellJson({ output: output ?? null, steps, ...traced }, terminal)
    return
  }
  data.line(drawOutput(output))
  if (options.trace) tellTrace(trace, terminal)
  talk.line(talk.paint('dim', drawWay(steps)))
}

function tellTrace(trace: readonly StepTrace[], { talk }: Terminal): void {
  talk.line(drawTrace(trace, talk.paint))
}

function tellJson(result: ScriptedJson, { data }: Terminal): void {
  data.line(JSON.stringify(result))
}
