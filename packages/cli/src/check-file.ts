import { checkWorkflow, type Finding } from '@skein/workflows'
import { CliError } from './errors.ts'
import { readJson } from './files.ts'
import { loadPrograms } from './program-file.ts'

/** Looking for mistakes in what a file holds, without running it. */

/** A finding, and which workflow of the file it is about. */
export interface FileFinding extends Finding {
  /** The export, and the step of the pipeline; absent where the file is one workflow. */
  readonly workflow?: string
}

/**
 * Checks the workflow that a JSON file is, or every workflow that a program exports, also inside of pipelines.
 *
 * @throws {CliError} `USAGE` where the file cannot be read
 */
export async function checkFile(file: string): Promise<readonly FileFinding[]> {
  if (file.endsWith('.json')) return checkWorkflow(await readJson(file))
  try {
    const programs = await loadPrograms(file)
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
