import { z } from 'zod'
import { isRecord } from '../guards.ts'
import { opened, schemaOfJson } from './json-schema.ts'
import { listed } from '../listing.ts'
import { isAboutNothing, lackingIn, memberOf, Misfit } from './misfit.ts'
import { ownColumns } from './own-columns.ts'
import type { AnyWorkflow } from './plan.ts'
import { describeIssues } from '../schema-issues.ts'

/** What a row lacks of a workflow's input. What else is wrong with it is for a node to say. */

type Document = AnyWorkflow['document']
type Issue = z.core.$ZodIssue

/** Why a row that lacks these inputs, or is no row of inputs, does not fit. */
export function lackOf(
  { name, document }: AnyWorkflow,
  row: unknown,
  missing: readonly string[],
): Misfit {
  const lacks = missing.length === 0 ? 'an object' : `${listed(missing)}, which the row lacks`
  const needs = `workflow '${name}' needs ${lacks}`
  const places = missing.map((key) => [key])
  if (!isRecord(row)) return new Misfit(needs, row === undefined ? [[], ...places] : [])
  const [only = '', ...others] = Object.keys(document.input)
  if (others.length === 0) {
    return new Misfit(needs, [...places, ...lackingInside(document, { [only]: row }, 1)])
  }
  const isOther = ({ path: [key] }: Issue) => !missing.includes(String(key))
  const issues = issuesOf(document, row).filter(isOther)
  const wrong = issues.filter((issue) => isOfOtherType(issue, row))
  if (wrong.length > 0) return new Misfit(`${needs}; ${describeIssues({ issues: wrong })}`)
  const inside = issues.filter((issue) => isAboutNothing(issue, row))
  return new Misfit(needs, [...places, ...inside.map(({ path }) => path)])
}

/** Whether a node refuses it as well: it is less strict than Zod, and takes what JSON makes of objects, such as a date's text. */
function isOfOtherType(issue: Issue, row: unknown): boolean {
  if (issue.code !== 'invalid_type') return false
  const value = issue.path.reduce(memberOf, row)
  if (typeof value === 'number') return !NUMBERS.has(issue.expected)
  return typeof value === 'string' || typeof value === 'boolean'
}

/** What Zod may expect where a node takes any number, those beyond 2^53 as well. */
const NUMBERS: ReadonlySet<string> = new Set(['number', 'int'])

/** Why a row does not fit of which a workflow's input was made, if something is lacking inside and nothing else is wrong. */
export function lackInside(
  { name, document }: AnyWorkflow,
  row: unknown,
  input: unknown,
): Misfit | undefined {
  const isValue = isRecord(input) && Object.values(input).some((value) => value === row)
  const places = lackingInside(document, input, isValue ? 1 : 0)
  if (places.length === 0) return undefined
  return new Misfit(`the row lacks what workflow '${name}' needs`, places)
}

function lackingInside(document: Document, value: unknown, depth: 0 | 1): Misfit['places'] {
  return lackingIn([{ issues: issuesOf(document, value), value, depth }])
}

function issuesOf(document: Document, input: unknown): readonly Issue[] {
  const own = ownColumns(input, Object.keys(document.input))
  return takenBy(document).safeParse(own).error?.issues ?? []
}

const schemas = new WeakMap<Document, z.ZodType>()

/** What nodes take for the inputs, and more where that cannot be told. */
function takenBy(document: Document): z.ZodType {
  let taken = schemas.get(document)
  if (!taken) {
    const { input, optionalInputs = [] } = document
    const fields = Object.entries(input).map(([name, json]) => {
      const field = schemaOfJson(opened(json))
      return [name, optionalInputs.includes(name) ? field.optional() : field] as const
    })
    schemas.set(document, (taken = z.object(Object.fromEntries(fields))))
  }
  return taken
}
