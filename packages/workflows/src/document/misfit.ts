import type { z } from 'zod'
import {
  BAD_NAME,
  bodyParts,
  Condition,
  Edge,
  Limits,
  LongReturns,
  RESERVED_NAME,
  Sampling,
  Step,
  ToolDefinition,
  WorkflowDocument,
} from './document.ts'
import { placeOf, valueAt } from './place.ts'
import { isRecord } from '../records.ts'

/** A place of a document that cannot be read: what is wrong there, and what to do about it. */
export interface Flaw {
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly mend: string
}

/** A place that has not the form which it should have. */
export interface Misfit extends Flaw {
  readonly kind: 'missing' | 'unknown' | 'wrong'
  /** Of an unknown key: the known one that was likely meant. */
  readonly meant?: string
}

/**
 * What a schema found wrong with a value, in words of ours; of alternatives, the one that came furthest.
 *
 * @param part under which name, or in which list, the value stands in a document; absent: it is one
 */
export function misfitsOf(
  { issues }: z.core.$ZodError,
  value: unknown,
  part?: string,
): readonly Misfit[] {
  return issues.flatMap((issue) => read(innermost(issue), value, part))
}

/** "steps[0].prompt: expected a text, found 3. Write a text there." `what` names the value itself. */
export function flawText({ path, message, mend }: Flaw, what: string): string {
  return `${path.length === 0 ? what : placeOf(path)}: ${message}. ${mend}`
}

/** An issue that is no alternative, and what other alternatives would take at the same place. */
interface Innermost {
  readonly path: readonly PropertyKey[]
  readonly issue: z.core.$ZodIssue
  readonly expected: readonly string[]
}

function innermost(issue: z.core.$ZodIssue, before: readonly PropertyKey[] = []): Innermost {
  const path = [...before, ...issue.path]
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) {
    const expected = issue.code === 'invalid_type' ? [kindOf(issue.expected)] : []
    return { path, issue, expected }
  }
  const inner = issue.errors.flatMap(([first]) =>
    first === undefined ? [] : [innermost(first, path)],
  )
  const [furthest] = inner.toSorted(
    (a, b) => b.path.length - a.path.length || strayOf(a) - strayOf(b),
  )
  if (furthest !== undefined && furthest.path.length > path.length) return furthest
  const rightKind = inner.find(({ expected }) => expected.length === 0)
  return rightKind ?? { path, issue, expected: inner.flatMap(({ expected }) => expected) }
}

/** How far an alternative is from what was meant: it is another one where already the kind is wrong. */
function strayOf({ issue: { code }, expected }: Innermost): number {
  if (code === 'invalid_value') return 2
  return code === 'invalid_union' && expected.length === 0 ? 1 : 0
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
}

function kindOf(expected: string): string {
  return KINDS[expected] ?? expected
}

function read(
  { path, issue, expected }: Innermost,
  json: unknown,
  part: string | undefined,
): readonly Misfit[] {
  const value = valueAt(json, path)
  if (issue.code === 'unrecognized_keys') {
    const known = namesAt(value, part === undefined ? path : [part, 0, ...path])
    return issue.keys.map((key) => unknownKey(key, path, known))
  }
  if (value === undefined && path.length > 0) return [missing(path)]
  const wrong = { path, kind: 'wrong' } as const
  if (expected.length > 0) {
    const kinds = oneOf([...new Set(expected)])
    return [
      {
        ...wrong,
        message: `expected ${kinds}, found ${shown(value)}`,
        mend: `Write ${kinds} there.`,
      },
    ]
  }
  return [{ ...wrong, ...complaint(issue, value) }]
}

function missing(path: readonly PropertyKey[]): Misfit {
  const name = String(path.at(-1))
  return {
    path,
    kind: 'missing',
    message: `'${name}' is missing`,
    mend: MENDS.get(name) ?? `Add "${name}".`,
  }
}

const MENDS: ReadonlyMap<string, string> = new Map([
  ['returns', `Say which key the workflow returns: "returns": "…".`],
  [
    'return_value',
    `Say what the workflow returns: "return_value": {"input": {"type": "read", "key": "…"}}.`,
  ],
])

function unknownKey(key: string, around: readonly PropertyKey[], known: readonly string[]): Misfit {
  const meant = known.find((name) => isSlip(key, name))
  const path = [...around, key]
  const message = `'${key}' is not known`
  if (meant !== undefined) {
    return { path, kind: 'unknown', meant, message, mend: `Did you mean '${meant}'?` }
  }
  const mend = known.length === 0 ? 'Leave it out.' : `There are: ${known.join(', ')}.`
  return { path, kind: 'unknown', message, mend }
}

/** Whether one name is the other with one letter too many, too few or wrong, or with two swapped. */
function isSlip(written: string, name: string): boolean {
  const a = written.toLowerCase().replaceAll('_', '')
  const b = name.toLowerCase()
  let from = 0
  while (from < a.length && a[from] === b[from]) from += 1
  let cut = 0
  while (cut < Math.min(a.length, b.length) - from && a.at(-1 - cut) === b.at(-1 - cut)) cut += 1
  const left = a.slice(from, a.length - cut)
  const right = b.slice(from, b.length - cut)
  if (left.length <= 1 && right.length <= 1) return true
  return right.length === 2 && left === `${right[1]}${right[0]}`
}

type Complaint = Pick<Flaw, 'message' | 'mend'>

/** What is wrong with a value of the right kind. */
function complaint(issue: z.core.$ZodIssue, value: unknown): Complaint {
  if (issue.code === 'invalid_value') return notAmong(issue.values, value)
  if (issue.code === 'invalid_union')
    return notAmong('options' in issue ? (issue.options ?? []) : [], value)
  if (issue.code === 'too_small') return outside(issue, issue.minimum, value)
  if (issue.code === 'too_big') return outside(issue, issue.maximum, value)
  if (issue.code === 'invalid_key') {
    const [inner] = issue.issues
    const { message } = inner === undefined ? issue : complaint(inner, issue.path.at(-1))
    return { message, mend: 'Choose another name.' }
  }
  return {
    message: issue.message,
    mend: MENDS_OF_NAMES.get(issue.message) ?? 'Write what is expected there.',
  }
}

const MENDS_OF_NAMES: ReadonlyMap<string, string> = new Map(
  [BAD_NAME, RESERVED_NAME].map((message) => [message, 'Choose another name.']),
)

function notAmong(values: readonly unknown[], value: unknown): Complaint {
  const known = values.map(String)
  const [only = ''] = known
  if (typeof value === 'string' && known.length > 1) {
    const mend = value === 'check' ? NO_CHECK : `There are: ${known.join(', ')}.`
    return { message: `'${short(value)}' is not known`, mend }
  }
  const expected = known.length === 1 ? only : `one of ${known.join(', ')}`
  return {
    message: `expected ${expected}, found ${shown(value)}`,
    mend: `Write ${expected} there.`,
  }
}

const NO_CHECK = `Dria's executor knows no 'check' any more: put a condition on the edge of the step before.`

type Size = z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig

function outside(issue: Size, limit: number | bigint, value: unknown): Complaint {
  const isLow = issue.code === 'too_small'
  const bound =
    issue.inclusive === false ? (isLow ? 'more than' : 'less than') : isLow ? 'at least' : 'at most'
  const unit = UNITS[issue.origin]
  const of = unit === undefined ? '' : ` ${unit}${Number(limit) === 1 ? '' : 's'}`
  const size = typeof value === 'string' || Array.isArray(value) ? value.length : shown(value)
  const expected = `${bound} ${limit}${of}`
  return { message: `expected ${expected}, found ${size}`, mend: `Make it ${expected}.` }
}

const UNITS: Readonly<Record<string, string>> = { string: 'character', array: 'item' }

/** A value in a few words that do not quote the text of a document. */
function shown(value: unknown): string {
  if (typeof value === 'string') return 'a text'
  if (Array.isArray(value)) return 'a list'
  if (isRecord(value)) return 'an object'
  return JSON.stringify(value) ?? 'nothing'
}

function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}

function oneOf(names: readonly string[]): string {
  const last = names.at(-1) ?? ''
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} or ${last}`
}

/** The names that can stand in a place that has one too many. */
function namesAt(value: unknown, path: readonly PropertyKey[]): readonly string[] {
  if (path.length === 0) return Object.keys(WorkflowDocument.shape)
  if (path.at(-2) === 'branches') return Object.keys(bodyParts)
  const place = typeof path.at(-1) === 'number' ? path.at(-2) : path.at(-1)
  return place === 'steps' ? stepNames(value) : Object.keys(SHAPES[String(place)] ?? {})
}

/** What stands under these names, or in a list of that name. */
const SHAPES: Readonly<Record<string, object>> = {
  body: bodyParts,
  edges: Edge.shape,
  if: Condition.shape,
  limits: Limits.shape,
  returns: LongReturns.shape,
  sampling: Sampling.shape,
  tools: ToolDefinition.shape,
  when: Condition.shape,
}

function stepNames(value: unknown): readonly string[] {
  if (!isRecord(value)) return []
  const { operator } = value
  const option = Step.options.find(({ shape }) => shape.operator.safeParse(operator).success)
  return option === undefined ? [] : Object.keys(option.shape)
}
