import { listed, Names, storedKeys } from '../compile/compile-keys.ts'
import type { Step, WorkflowDocument } from '../document/document.ts'
import type { FreeRead } from './check-reads.ts'
import type { BodyFacts, KeyRead } from './facts.ts'
import { quoted, type Finding } from './finding.ts'
import { placeOf } from '../document/place.ts'

/** What is wrong with the keys of a document: unknown ones, unwritten ones, those that nobody reads. */

/** Reads of names that nothing in the document gives a value. */
export function unknownKeys(facts: BodyFacts, document: WorkflowDocument): readonly Finding[] {
  const outer = [...Object.keys(document.input), ...Object.keys(document.memory ?? {})]
  return unknownIn(facts, new Names(outer))
}

function unknownIn(facts: BodyFacts, around: Names): readonly Finding[] {
  const { steps, edgeReads, returns, given } = facts
  const names = new Names([...given, ...steps.flatMap(({ step }) => storedKeys(step))], around)
  const unknown = ({ key, problem }: KeyRead): boolean => problem === undefined && !names.has(key)
  const mayFail = failing(facts)
  // What a run looks for by its name may be missing where a failure leads on: that is told as what nothing writes.
  const certain = steps.flatMap(({ step, reads: own }) =>
    own.filter(({ byName = false }) => !byName || !mayFail(step)),
  )
  const reads = [...certain, ...edgeReads.flat()].filter(unknown)
  return [
    ...reads.map((read) => unknownKey(read, names, 'UNKNOWN_KEY')),
    ...returns.filter(unknown).map((read) => unknownKey(read, names, 'UNWRITTEN_RETURN')),
    ...steps.flatMap(({ bodies }) => bodies.flatMap((inner) => unknownIn(inner, names))),
  ]
}

/** Whether a step may fail and the workflow goes on. */
export function failing({ body: { edges = [] } }: BodyFacts): (step: Step) => boolean {
  const sources = new Set(
    edges.flatMap(({ from, fallback }) => (fallback === undefined ? [] : [from])),
  )
  return ({ id, optional = false }) => optional || sources.has(id)
}

function unknownKey({ key, path }: KeyRead, names: Names, code: Finding['code']): Finding {
  const subject = code === 'UNKNOWN_KEY' ? `'${key}'` : `the return value '${key}'`
  return {
    severity: 'error',
    code,
    path: placeOf(path),
    message: `${subject} is neither an input nor written by a step`,
    mend: `There are ${listed(names)}. Name one of them, or let a step write '${key}', or make it an input.`,
  }
}

/** Findings of what the whole document reads and does not have. */
export function unwrittenKeys(
  free: readonly FreeRead[],
  { input, optionalInputs = [], memory = {} }: WorkflowDocument,
): readonly Finding[] {
  const optional = new Set(optionalInputs)
  return free.flatMap((read) => {
    const { key } = read
    if (Object.hasOwn(memory, key)) return []
    if (!Object.hasOwn(input, key)) return [unwritten(read)]
    return optional.has(key) && read.needed ? [maybeNotGiven(read)] : []
  })
}

function unwritten(read: FreeRead): Finding {
  const { key, path, step, certain } = read
  const reader =
    step === undefined ? `the return value is '${key}'` : `step '${step}' reads '${key}'`
  return {
    severity: severityOf(read),
    code: codeOf(read),
    path: placeOf(path),
    message: certain
      ? `${reader}, which nothing has written before`
      : `${reader}, which nothing writes on the way ${wayText(read)}`,
    mend:
      step === undefined
        ? `Return a key that every way to the end writes, or give '${key}' a first value under 'memory'.`
        : `Let a step that comes before write '${key}', give it a first value under 'memory', or read it inside {{#if ${key}}}.`,
  }
}

function severityOf({ needed, certain, excused }: FreeRead): Finding['severity'] {
  return needed && certain && !excused ? 'error' : 'warning'
}

function codeOf({ needed, certain, step }: FreeRead): Finding['code'] {
  if (!needed) return 'NEVER_WRITTEN'
  if (!certain) return 'MAYBE_UNWRITTEN'
  return step === undefined ? 'UNWRITTEN_RETURN' : 'READ_BEFORE_WRITTEN'
}

function wayText({ way, step }: FreeRead): string {
  const stops =
    step === undefined ? [...way.map((id) => `'${id}'`), 'the end'] : way.map((id) => `'${id}'`)
  const shown = stops.length > 8 ? [...stops.slice(0, 4), '…', ...stops.slice(-3)] : stops
  return shown.join(' → ')
}

/** An input that may be left out, read as if it could not. */
function maybeNotGiven({ key, path, step, excused }: FreeRead): Finding {
  if (step === undefined) {
    return {
      severity: excused ? 'warning' : 'error',
      code: 'UNWRITTEN_RETURN',
      path: placeOf(path),
      message: `the return value '${key}' is written by no step`,
      mend: `Let a step write '${key}', or return a key that one writes.`,
    }
  }
  return {
    severity: 'warning',
    code: 'MAYBE_UNWRITTEN',
    path: placeOf(path),
    message: `step '${step}' fails without the input '${key}', which may be left out`,
    mend: `Give '${key}' a first value under 'memory', or read it inside {{#if ${key}}}.`,
  }
}

/** Keys that are written and never read. */
export function unreadKeys(facts: BodyFacts): readonly Finding[] {
  const { names, steps } = facts
  const inner = steps.flatMap(({ bodies }) => bodies.flatMap(unreadKeys))
  if (names === undefined) return inner
  const own = steps.flatMap(({ step, writes }) =>
    writes
      .filter(({ key }) => !names.has(key))
      .map(({ key, path }): Finding => {
        return {
          severity: 'warning',
          code: 'UNREAD_KEY',
          path: placeOf(path),
          message: `nothing reads '${key}', which step '${step.id}' writes`,
          mend: `Return it, use it in a prompt, or do without the step's output.`,
        }
      }),
  )
  return [...own, ...inner]
}

/** Texts that are stored to be looked up, where no condition looks anything up. */
export function unreadInserts(facts: BodyFacts): readonly Finding[] {
  if (looksUp(facts)) return []
  return insertsIn(facts).map((path) => ({
    severity: 'warning',
    code: 'UNREAD_KEY',
    path: placeOf(path),
    message: `the text is stored to be looked up, and no condition looks it up`,
    mend: `Add a condition with HaveSimilar, or write the text under a key.`,
  }))
}

function looksUp({ body: { edges = [] }, steps }: BodyFacts): boolean {
  const conditions = [...edges.map((edge) => edge.if), ...steps.map(({ step }) => step.when)]
  if (conditions.some((condition) => condition?.expression === 'HaveSimilar')) return true
  return steps.some(({ bodies }) => bodies.some(looksUp))
}

function insertsIn({ steps }: BodyFacts): readonly (readonly PropertyKey[])[] {
  return steps.flatMap(({ inserts, bodies }) => [
    ...(inserts === undefined ? [] : [inserts]),
    ...bodies.flatMap(insertsIn),
  ])
}

/** Inputs, and what memory holds, that nobody reads. */
export function unreadInputs(
  facts: BodyFacts,
  { input, memory = {} }: WorkflowDocument,
): readonly Finding[] {
  const { names } = facts
  if (names === undefined || readsWhole(facts)) return []
  const unread = (key: string): boolean => !names.has(key)
  const inputs = Object.keys(input).filter(unread)
  const held = Object.keys(memory).filter((key) => unread(key) && !Object.hasOwn(input, key))
  return [...inputs.map((key) => ['input', key]), ...held.map((key) => ['memory', key])].map(
    ([where = '', key = '']) => ({
      severity: 'warning',
      code: 'UNREAD_INPUT',
      path: placeOf([where, key]),
      message: `nothing reads ${quoted([key])}`,
      mend: `Use it in a prompt ({{${key}}}), or leave it out.`,
    }),
  )
}

/** Whether a step reads the whole input. */
function readsWhole({ steps }: BodyFacts): boolean {
  return steps.some(
    ({ step, bodies }) =>
      Object.values(step.inputs ?? {}).some(
        (input) => typeof input === 'object' && input.type === 'input',
      ) || bodies.some(readsWhole),
  )
}
