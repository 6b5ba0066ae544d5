import { z } from 'zod'
import { DOCUMENT_LIMITS, WorkflowDocument } from './document.ts'
import { WorkflowError } from './errors.ts'
import { programOf } from './program.ts'
import { isRecord } from './records.ts'

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

/**
 * Checks size and shape before anything else looks at the value; walks without recursion.
 *
 * @throws {WorkflowError} `INVALID_DOCUMENT`
 */
export function refuseMonsters(json: unknown): void {
  const open: Part[] = [{ value: json, depth: 0 }]
  let chars = 0
  let values = 0
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    values += 1
    chars += charsOf(part.value)
    if (part.depth > DOCUMENT_LIMITS.depth) {
      throw refused(`is nested deeper than ${DOCUMENT_LIMITS.depth} levels`)
    }
    if (chars > DOCUMENT_LIMITS.totalChars) {
      throw refused(`is larger than ${DOCUMENT_LIMITS.totalChars} characters`)
    }
    if (values + open.length > DOCUMENT_LIMITS.values) {
      throw refused(`holds more than ${DOCUMENT_LIMITS.values} values`)
    }
    for (const member of membersOf(part)) open.push(member)
  }
}

interface Part {
  readonly value: unknown
  readonly depth: number
}

function charsOf(value: unknown): number {
  if (typeof value === 'string') return value.length
  return isRecord(value) ? Object.keys(value).reduce((sum, key) => sum + key.length, 0) : 0
}

function membersOf({ value, depth }: Part): readonly Part[] {
  if (typeof value !== 'object' || value === null) return []
  if (Object.hasOwn(value, '__proto__')) throw refused(`has a key '__proto__'`)
  return Object.values(value).map((member: unknown) => ({ value: member, depth: depth + 1 }))
}

function refused(what: string): WorkflowError {
  return new WorkflowError('INVALID_DOCUMENT', `the workflow ${what}`)
}

function explain(error: z.ZodError, json: unknown): WorkflowError {
  const [issue] = error.issues
  if (issue === undefined) return new WorkflowError('INVALID_DOCUMENT', 'this is no workflow')
  const step = stepAt(json, issue.path)
  const where = step === undefined ? '' : `step '${step}': `
  return new WorkflowError('INVALID_DOCUMENT', `${where}${issueText(issue)}`, {
    cause: error,
    ...(step === undefined ? {} : { step }),
  })
}

/** What is wrong and where. Of a union, the alternative that came furthest. */
export function issueText(issue: z.core.$ZodIssue): string {
  const inner = innermost(issue)
  const place = inner.path.length === 0 ? 'the document' : inner.path.map(String).join('.')
  return `${place}: ${inner.message}`
}

function innermost(issue: z.core.$ZodIssue): Pick<z.core.$ZodIssue, 'path' | 'message'> {
  if (issue.code === 'invalid_key')
    return { ...issue, message: issue.issues[0]?.message ?? issue.message }
  if (issue.code !== 'invalid_union') return issue
  const deepest = issue.errors
    .flatMap(([first]) => (first === undefined ? [] : [innermost(first)]))
    .toSorted((a, b) => b.path.length - a.path.length)[0]
  if (deepest === undefined || deepest.path.length === 0) return issue
  return { path: [...issue.path, ...deepest.path], message: deepest.message }
}

function stepAt(json: unknown, [first, index]: readonly PropertyKey[]): string | undefined {
  if (first !== 'steps' || typeof index !== 'number') return undefined
  const { success, data } = z.object({ steps: z.array(z.unknown()) }).safeParse(json)
  const step = success ? z.object({ id: z.string() }).safeParse(data.steps[index]) : undefined
  return step?.data?.id
}
