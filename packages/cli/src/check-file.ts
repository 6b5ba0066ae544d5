import { checkWorkflow, type Finding, type FindingCode } from '@skein/workflows'
import { CliError } from './errors.ts'
import { readDocument } from './files.ts'
import { loadProgram, loadPrograms, type Program } from './program-file.ts'

/** Looking for mistakes in what a file holds, without running it. */

const DOCUMENT = /\.(?:json|toml)$/

/** A finding, and which workflow or step of the file it is about. */
export interface FileFinding extends Omit<Finding, 'code'> {
  readonly code: FindingCode | 'UNFIT_INPUT' | 'UNUSED_OUTPUT'
  /** The export, and the step of the pipeline; absent where the file is one workflow. */
  readonly workflow?: string
}

/**
 * Checks the workflow that a JSON or TOML file is, or what a pipeline as such or a program has: whether its steps fit each
 * other, and every workflow in it.
 *
 * @throws {CliError} `USAGE` where the file cannot be read
 */
export async function checkFile(file: string): Promise<readonly FileFinding[]> {
  if (DOCUMENT.test(file)) {
    const document = await readDocument(file)
    const isPipeline = typeof document === 'object' && document !== null && 'pipeline' in document
    if (!isPipeline) return checkWorkflow(document)
  }
  try {
    const programs = await programsOf(file)
    // What is exported under two names is one thing.
    const single = new Map(
      Array.from(programs, ([name, program]) => [program.work, [name, program] as const]),
    )
    return [...single.values()].flatMap(([name, program]) =>
      findingsOfPlan(name, program).concat(findingsOfWorkflows(name, program)),
    )
  } catch (error) {
    return [refusedByBuilder(error)]
  }
}

/** What the plan itself says against its steps. */
function findingsOfPlan(name: string, { validate }: Program): FileFinding[] {
  const { errors, warnings } = validate?.() ?? { errors: [], warnings: [] }
  return [
    ...errors.map(({ step, message }) => ({
      severity: 'error' as const,
      code: 'UNFIT_INPUT' as const,
      path: '',
      message,
      mend: 'Make what it takes of the row, with = …, or change what it takes.',
      workflow: placeOf(name, step),
    })),
    ...warnings.map(({ step, message }) => ({
      severity: 'warning' as const,
      code: 'UNUSED_OUTPUT' as const,
      path: '',
      message,
      mend: 'Use it, or leave the step out.',
      workflow: placeOf(name, step),
    })),
  ]
}

function findingsOfWorkflows(name: string, { workflows }: Program): FileFinding[] {
  return workflows.flatMap(({ step, document }) => {
    const workflow = placeOf(name, step)
    return checkWorkflow(document).map((finding) => Object.assign({ workflow }, finding))
  })
}

function placeOf(name: string, step: string | undefined): string {
  return step === undefined ? name : `${name}, step ${step}`
}

async function programsOf(file: string): Promise<ReadonlyMap<string, Program>> {
  if (!DOCUMENT.test(file)) return loadPrograms(file)
  const program = await loadProgram(file)
  return new Map([[program.name, program]])
}

/** A workflow that its builder refuses never comes to be: what the builder says is the finding. */
function refusedByBuilder(error: unknown): FileFinding {
  const cause = error instanceof CliError ? error.cause : undefined
  const isBuilders =
    cause instanceof Error && (cause.name === 'WorkflowError' || cause.name === 'ClientError')
  if (!isBuilders || !(error instanceof CliError)) throw error
  return {
    severity: 'error',
    code: 'UNREADABLE',
    path: '',
    message: error.message,
    mend: 'Change it as the message says.',
  }
}
