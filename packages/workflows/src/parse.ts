import { z } from 'zod'
import { DOCUMENT_LIMITS, WorkflowDocument } from './document.ts'
import { WorkflowError } from './errors.ts'
import { programOf } from './program.ts'

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

/** Checks size and shape before anything else looks at the value; walks without recursion. */
function refuseMonsters(json: unknown): void {
  const open: { value: unknown; depth: number }[] = [{ value: json, depth: 0 }]
  let chars = 0
  let values = 0
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    const { value, depth } = item
    values += 1
    if (depth > DOCUMENT_LIMITS.depth)
      throw tooLarge(`is nested deeper than ${DOCUMENT_LIMITS.depth}`)
    if (typeof value === 'string') chars += value.length
    if (typeof value === 'object' && value !== null) {
      for (const [key, member] of Object.entries(value)) {
        if (key === '__proto__') throw tooLarge(`has a key '__proto__'`)
        if (!Array.isArray(value)) chars += key.length
        open.push({ value: member, depth: depth + 1 })
      }
    }
    if (chars > DOCUMENT_LIMITS.totalChars) {
      throw tooLarge(`is larger than ${DOCUMENT_LIMITS.totalChars} characters`)
    }
    if (values + open.length > DOCUMENT_LIMITS.values) {
      throw tooLarge(`holds more than ${DOCUMENT_LIMITS.values} values`)
    }
  }
}

function tooLarge(what: string): WorkflowError {
  return new WorkflowError('INVALID_DOCUMENT', `the workflow ${what}`)
}

function explain(error: z.ZodError, json: unknown): WorkflowError {
  const [issue] = error.issues
  if (issue === undefined) return new WorkflowError('INVALID_DOCUMENT', 'this is no workflow')
  const path = issue.path.map(String)
  const step = stepAt(json, issue.path)
  const where = step === undefined ? '' : `step '${step}': `
  const place = path.length === 0 ? 'the document' : path.join('.')
  return new WorkflowError('INVALID_DOCUMENT', `${where}${place}: ${issue.message}`, {
    cause: error,
    ...(step === undefined ? {} : { step }),
  })
}

function stepAt(json: unknown, [first, index]: readonly PropertyKey[]): string | undefined {
  if (first !== 'steps' || typeof index !== 'number') return undefined
  const { success, data } = z.object({ steps: z.array(z.unknown()) }).safeParse(json)
  const step = success ? z.object({ id: z.string() }).safeParse(data.steps[index]) : undefined
  return step?.data?.id
}
