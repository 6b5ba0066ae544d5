import { isList, isRecord, ownMember } from '../guards.ts'
import type { AggregateNode, CallbackNode, ParallelNode, Plan, RowNode } from './plan.ts'
import { jsonSchemaOf } from './schema-text.ts'

/** What verbs make of rows, as far as the JSON Schema of those that come is known. */

/** JSON Schema. */
export type Json = Readonly<Record<string, unknown>>

/** What a verb that runs no plan makes of the row. */
export function afterVerb(
  node: RowNode | AggregateNode | CallbackNode,
  row: Json | undefined,
): Json | undefined {
  if (node.kind === 'map' || node.kind === 'callback') return undefined
  if (node.kind === 'aggregate') return listOf(row)
  if (node.kind === 'scatter') return scattered(node.column, row)
  const column = node.kind === 'broadcast' ? node.as : undefined
  return column === undefined ? row : withField(row, column, {})
}

/** What a plan gives for one row as a value: where it leads to many rows, the list of them. */
export function wholeOf({ many }: Plan, row: Json | undefined): Json | undefined {
  if (many === 'dynamic') return undefined
  return many ? listOf(row) : row
}

function listOf(row: Json | undefined): Json {
  return { type: 'array', ...(row && { items: row }) }
}

function scattered(column: string | undefined, row: Json | undefined): Json | undefined {
  if (column === undefined) return itemsOf(row)
  return withField(row, column, itemsOf(fieldAt(row, [column])) ?? {})
}

function itemsOf(schema: Json | undefined): Json | undefined {
  const items: unknown = schema?.['items']
  return isRecord(items) ? items : undefined
}

export function fieldAt(schema: Json | undefined, path: readonly string[]): Json | undefined {
  let found: unknown = schema
  for (const name of path) {
    const properties: unknown = isRecord(found) ? found['properties'] : undefined
    found = isRecord(properties) ? ownMember(properties, name) : undefined
  }
  return isRecord(found) ? found : undefined
}

/** The row with one more column; of one that nobody knows, that it has this and perhaps others. */
export function withField(row: Json | undefined, name: string, schema: Json): Json {
  const known = row?.['type'] === 'object' ? row : OPEN
  const properties = isRecord(known['properties']) ? known['properties'] : {}
  const required = isList(known['required']) ? known['required'] : []
  return { ...known, properties: { ...properties, [name]: schema }, required: [...required, name] }
}

const OPEN: Json = { type: 'object', additionalProperties: {} }

/** A row that came one of several ways, as far as it is the same on all of them; undefined where nobody knows of one. */
export function eitherOf(ways: readonly (Json | undefined)[]): Json | undefined {
  return ways.reduce(common)
}

function common(one: Json | undefined, other: Json | undefined): Json | undefined {
  const type = one?.['type']
  if (!one || !other || typeof type !== 'string' || other['type'] !== type) return undefined
  if (type === 'array') return listOf(common(itemsOf(one), itemsOf(other)))
  return type === 'object' ? commonObject(one, other) : { type, ...commonChoices(one, other) }
}

/** A column that one of them may lack may be anything. */
function commonObject(one: Json, other: Json): Json {
  const names = [one, other].flatMap(({ properties }) =>
    isRecord(properties) ? Object.keys(properties) : [],
  )
  const properties = names.map((name) => {
    const column = common(fieldAt(one, [name]), fieldAt(other, [name]))
    return [name, column ?? {}] as const
  })
  const isOpen = [one, other].some((row) => isRecord(row['additionalProperties']))
  const open = isOpen ? OPEN : { type: 'object' }
  return { ...open, properties: Object.fromEntries(properties) }
}

function commonChoices(one: Json, other: Json): Json {
  const [may, might] = [one['enum'], other['enum']]
  return isList(may) && isList(might) ? { enum: [...may, ...might] } : {}
}

/** An object of what the branches give. */
export function columnsOf(branches: ReadonlyMap<string, Json | undefined>): Json {
  let columns: Json = { type: 'object' }
  for (const [name, schema] of branches) columns = withField(columns, name, schema ?? {})
  return columns
}

/** The row beside what its branches give, and what they are combined to. */
export function besideBranches(
  { combined, as, each }: ParallelNode,
  row: Json | undefined,
  branches: ReadonlyMap<string, Json | undefined>,
): Json | undefined {
  const whole = combined && jsonSchemaOf(combined, 'output')
  if (whole && as === undefined) return whole
  let after = row
  if (each) for (const [name, schema] of branches) after = withField(after, name, schema ?? {})
  return whole && as !== undefined ? withField(after, as, whole) : after
}
