import { z } from 'zod'
import { DOCUMENT_LIMITS, WorkflowDocument } from './document.ts'
import { WorkflowError } from '../errors.ts'
import { programOf } from '../compile/program.ts'
import { isRecord } from '../records.ts'

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
  const total = { values: 0, totalChars: 0, names: 0, patterns: 0 }
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    if (part.depth > DOCUMENT_LIMITS.depth) {
      throw refused(`is nested deeper than ${DOCUMENT_LIMITS.depth} levels`)
    }
    count(part.value, total)
    for (const member of membersOf(part)) open.push(member)
    const { totalChars, names, patterns } = total
    refuseMore('totalChars', totalChars, 'characters')
    refuseMore('values', total.values + open.length, 'values')
    refuseMore('names', names, 'names in braces')
    refuseMore('patterns', patterns, 'patterns')
  }
}

function refuseMore(limit: keyof Total, found: number, what: string): void {
  const most = DOCUMENT_LIMITS[limit]
  if (found > most) throw refused(`holds more than ${most} ${what}`)
}

interface Part {
  readonly value: unknown
  readonly depth: number
}

interface Total {
  values: number
  totalChars: number
  names: number
  patterns: number
}

/** Adds what a value itself holds, its members not included. */
function count(value: unknown, total: Total): void {
  total.values += 1
  if (typeof value === 'string') {
    total.totalChars += value.length
    total.names += value.split('{{').length - 1
  } else if (isRecord(value)) {
    for (const key of Object.keys(value)) total.totalChars += key.length
    if (Object.hasOwn(value, 'pattern')) total.patterns += 1
  }
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
  const inner = issueIn(issue)
  const place = inner.path.length === 0 ? 'the document' : inner.path.map(String).join('.')
  return `${place}: ${inner.message}`
}

/** The place and the message of what is wrong; of a union, of the alternative that came furthest. */
export function issueIn(issue: z.core.$ZodIssue): Pick<z.core.$ZodIssue, 'path' | 'message'> {
  if (issue.code === 'invalid_key')
    return { ...issue, message: issue.issues[0]?.message ?? issue.message }
  if (issue.code !== 'invalid_union') return issue
  const deepest = issue.errors
    .flatMap(([first]) => (first === undefined ? [] : [issueIn(first)]))
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
