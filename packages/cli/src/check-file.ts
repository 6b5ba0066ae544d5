import { checkWorkflow, type Finding } from '@skein/workflows'
import { CliError } from './errors.ts'
import { readDocument } from './files.ts'
import { loadProgram, loadPrograms, type Program } from './program-file.ts'

/** Looking for mistakes in what a file holds, without running it. */

const DOCUMENT = /\.(?:json|toml)$/

/** A finding, and which workflow of the file it is about. */
export interface FileFinding extends Finding {
  /** The export, and the step of the pipeline; absent where the file is one workflow. */
  readonly workflow?: string
}

/**
 * Checks the workflow that a JSON or TOML file is, or every workflow of a pipeline as such, or of a program.
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
    return [...single.values()].flatMap(([name, { workflows }]) =>
      workflows.flatMap(({ step, document }) => {
        const workflow = step === undefined ? name : `${name}, step ${step}`
        return checkWorkflow(document).map((finding) => Object.assign({ workflow }, finding))
      }),
    )
  } catch (error) {
    return [refusedByBuilder(error)]
  }
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
