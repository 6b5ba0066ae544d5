import type { z } from 'zod'
import { WorkflowDocument } from './document.ts'
import { WorkflowError } from '../errors.ts'
import { programOf } from '../compile/program.ts'
import { flawText, misfitsOf } from './misfit.ts'
import { refuseMonsters } from './monster.ts'
import { valueAt } from './place.ts'

/**
 * Reads a workflow document that came from elsewhere. What it returns compiles and runs.
 *
 * @throws {WorkflowError} with the place in the document and the mend
 */
export function parseWorkflow(json: unknown): WorkflowDocument {
  refuseMonsters(json)
  const result = WorkflowDocument.safeParse(json)
  if (!result.success) throw explain(result.error, json)
  programOf(result.data)
  return result.data
}

function explain(error: z.ZodError, json: unknown): WorkflowError {
  const [misfit] = misfitsOf(error, json)
  if (misfit === undefined) return new WorkflowError('INVALID_DOCUMENT', 'this is no workflow')
  const step = stepAt(json, misfit.path)
  const where = step === undefined ? '' : `step '${step}': `
  return new WorkflowError('INVALID_DOCUMENT', `${where}${flawText(misfit, 'the document')}`, {
    cause: error,
    ...(step === undefined ? {} : { step }),
  })
}

function stepAt(json: unknown, [first, index]: readonly PropertyKey[]): string | undefined {
  const id =
    first === 'steps' && index !== undefined ? valueAt(json, [first, index, 'id']) : undefined
  return typeof id === 'string' ? id : undefined
}
