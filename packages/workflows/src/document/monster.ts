import { DOCUMENT_LIMITS } from './document.ts'
import type { Flaw } from './misfit.ts'
import { WorkflowError } from '../errors.ts'
import { isRecord } from '../records.ts'
import { placeOf } from './place.ts'

/**
 * Checks size and shape before anything else looks at the value.
 *
 * @throws {WorkflowError} `INVALID_DOCUMENT`
 */
export function refuseMonsters(json: unknown): void {
  const flaw = monsterIn(json)
  if (flaw === undefined) return
  const { path, message, mend } = flaw
  const place = path.length === 0 ? '' : `${placeOf(path)}: `
  throw new WorkflowError('INVALID_DOCUMENT', `${place}${message}. ${mend}`)
}

/** What makes a value too large to be read, or dangerous; walks without recursion, in the order of the document. */
export function monsterIn(json: unknown): Flaw | undefined {
  const list = longList(json)
  if (list !== undefined) return list
  const open: Part[] = [{ value: json, depth: 0, key: '', around: undefined }]
  const sum = { values: 0, totalChars: 0, names: 0, patterns: 0 }
  let seen = 1
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    const { value, depth } = part
    if (depth > DOCUMENT_LIMITS.depth) return flawAt(part, TOO_DEEP)
    if (hasPrototype(value)) return flawAt(part, PROTOTYPE)
    count(value, sum)
    for (const member of membersOf(part)) open.push(member)
    sum.values = seen + open.length
    const excess = TOTALS.find(({ name }) => sum[name] > DOCUMENT_LIMITS[name])
    if (excess !== undefined) return flawAt(part, excess)
    seen += 1
  }
  return undefined
}

/** A value on the way, and how to come there. */
interface Part {
  readonly value: unknown
  readonly depth: number
  readonly key: PropertyKey
  readonly around: Part | undefined
}

interface Total {
  values: number
  totalChars: number
  names: number
  patterns: number
}

interface Complaint {
  readonly message: string
  readonly mend: string
}

const PROTOTYPE: Complaint = {
  message: `the workflow has a key '__proto__', which means something else to programs`,
  mend: 'Give the key another name.',
}

const TOO_DEEP: Complaint = {
  message: `the workflow is nested deeper than ${DOCUMENT_LIMITS.depth} levels`,
  mend: 'Flatten what stands there, or give it as an input.',
}

const TOTALS: readonly (Complaint & { readonly name: keyof Total })[] = [
  total('totalChars', 'characters', 'Give long texts as inputs, or cut the workflow into several.'),
  total('values', 'values', 'Give large data as inputs.'),
  total('names', 'names in braces', 'Use fewer {{…}}, or cut the workflow into several.'),
  total('patterns', 'patterns', 'Use fewer patterns, or cut the workflow into several.'),
]

function total(
  name: keyof Total,
  what: string,
  mend: string,
): Complaint & { readonly name: keyof Total } {
  const message = `the workflow holds more than ${DOCUMENT_LIMITS[name]} ${what}, counted up to here`
  return { name, message, mend }
}

function flawAt(part: Part, { message, mend }: Complaint): Flaw {
  const path: PropertyKey[] = []
  for (let at = part; at.around !== undefined; at = at.around) path.unshift(at.key)
  return { path, message, mend }
}

/** A list that is too long whatever stands in it: it is to be mended, not what its items sum up to. */
function longList(json: unknown): Flaw | undefined {
  if (!isRecord(json)) return undefined
  const { steps } = DOCUMENT_LIMITS
  // Dria calls the edges steps.
  const isTheirs = 'tasks' in json
  const most = { steps: isTheirs ? 4 * steps : steps, tasks: steps, edges: 4 * steps }
  for (const [name, limit] of Object.entries(most)) {
    const list = json[name]
    if (!Array.isArray(list) || list.length <= limit) continue
    return {
      path: [name],
      message: `the workflow has ${list.length} ${name}, and ${limit} are the most`,
      mend: `Repeat ${isTheirs ? 'tasks with' : 'steps with a map or'} an edge that leads back, or cut the workflow into several.`,
    }
  }
  return undefined
}

function hasPrototype(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__')
}

/** Adds what a value itself holds, its members not included. */
function count(value: unknown, sum: Total): void {
  if (typeof value === 'string') {
    sum.totalChars += value.length
    sum.names += value.split('{{').length - 1
  } else if (isRecord(value)) {
    for (const key of Object.keys(value)) sum.totalChars += key.length
    if (Object.hasOwn(value, 'pattern')) sum.patterns += 1
  }
}

/** The last one first: so the first is looked at next. */
function membersOf(around: Part): readonly Part[] {
  const { value } = around
  if (typeof value !== 'object' || value === null) return []
  const depth = around.depth + 1
  const members: readonly (readonly [PropertyKey, unknown])[] = Array.isArray(value)
    ? Array.from(value.entries())
    : Object.entries(value)
  return members.map(([key, member]) => ({ value: member, depth, key, around })).toReversed()
}
