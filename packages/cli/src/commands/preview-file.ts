import { parseWorkflow, rehearse, WorkflowError, type Rehearsal } from '@skein/workflows'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { hasNames, inputHelp, parsePairs, problemOf, type InputSchema, type Row } from '../input.ts'
import { loadProgram, type PlannedWorkflow } from '../program-file.ts'
import type { Terminal } from '../terminal.ts'
import { drawRehearsal } from '../views/rehearsal.ts'
import type { PreviewOptions } from './preview.ts'

/** The rehearsal of a workflow, with its name. */
interface Preview extends Rehearsal {
  readonly workflow: string
  /** The step of the pipeline that runs it. */
  readonly step?: string
}

/** Shows every prompt of the workflows of a file. */
export async function previewFile(
  file: string,
  options: PreviewOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const program = await loadProgram(file, options.export)
  const input = givenInput(options.input ?? [], program.schema)
  const previews = program.workflows.map((workflow) => previewOf(workflow, input))
  const { data, talk } = terminal
  if (options.json) data.line(JSON.stringify({ workflows: previews }))
  else drawPreviews(previews, terminal)
  if (previews.length === 0) talk.line(`${file}: no step of it asks a model`)
  if (previews.some(({ complete }) => !complete)) {
    talk.line(talk.paint('yellow', 'It has too many ways to show all of them.'))
  }
  return EXIT.ok
}

function drawPreviews(previews: readonly Preview[], { data }: Terminal): void {
  for (const { steps, step } of previews) {
    if (step !== undefined) data.line(data.paint('dim', `── ${step}`))
    data.line(drawRehearsal(steps, data.paint))
  }
}

/** What is given must fit; what is not given is made up. */
function givenInput(pairs: readonly string[], schema: InputSchema): Row {
  const row = parsePairs(pairs, schema)
  if (!hasNames(schema)) return row
  for (const [name, value] of Object.entries(row)) {
    const result = schema.shape[name]?.safeParse(value)
    if (result === undefined || result.success) continue
    throw new CliError('USAGE', `input ${problemOf(result, [name])}`, { mend: inputHelp(schema) })
  }
  return row
}

function previewOf({ step, document: json }: PlannedWorkflow, input: Row): Preview {
  try {
    const document = parseWorkflow(json)
    const known = Object.entries(input).filter(([name]) => Object.hasOwn(document.input, name))
    const rehearsal = rehearse(document, Object.fromEntries(known))
    return { workflow: document.name, ...(step === undefined ? {} : { step }), ...rehearsal }
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error
    throw new CliError('USAGE', error.message, { cause: error })
  }
}
