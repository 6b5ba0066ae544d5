import { isRecord, ownMember } from '../guards.ts'
import type { PlanNode, Wiring } from './plan.ts'

/** JSON Schema of a row; undefined where nobody knows. */
type Row = Readonly<Record<string, unknown>> | undefined

/** What a node wants of a row that certainly is not so; nothing where it is, or cannot be told. */
export function misuseOf(node: PlanNode, row: Row): string | undefined {
  if (typeof row?.['type'] !== 'string') return undefined
  if (node.kind === 'scatter') return noList(node.column, row)
  if (node.kind === 'aggregate') return noColumn(node.column, row)
  if (node.kind === 'graph') return noInput(node.parts, node.output, row)
  return gains(node) && row['type'] !== 'object'
    ? 'only a row with columns can gain one'
    : undefined
}

function gains(node: PlanNode): boolean {
  return ('as' in node && node.as !== undefined) || (node.kind === 'parallel' && node.each)
}

function noList(column: string | undefined, row: NonNullable<Row>): string | undefined {
  if (column === undefined) return isList(row) ? undefined : 'the row is no list'
  const missing = noColumn(column, row)
  if (missing !== undefined) return missing
  const value = isRecord(row['properties']) ? ownMember(row['properties'], column) : undefined
  return isList(value) ? undefined : `column '${column}' is no list`
}

/** Whether it is a list, or may be one. */
function isList(schema: unknown): boolean {
  const type = isRecord(schema) ? schema['type'] : undefined
  return typeof type !== 'string' || type === 'array'
}

function noColumn(column: string | number | undefined, row: NonNullable<Row>): string | undefined {
  if (typeof column !== 'string' || row['type'] === 'array') return undefined
  const { properties, additionalProperties } = row
  const may =
    isRecord(additionalProperties) || (isRecord(properties) && Object.hasOwn(properties, column))
  return may ? undefined : `the row has no column '${column}'`
}

function noInput(
  parts: readonly { readonly wiring: Wiring }[],
  output: Wiring,
  row: NonNullable<Row>,
): string | undefined {
  const paths = [...parts.map((part) => part.wiring), output].flatMap(inputsOf)
  return paths.map(([column]) => noColumn(column, row)).find((message) => message !== undefined)
}

/** Paths into the input. */
function inputsOf(wiring: Wiring): (readonly string[])[] {
  if (wiring.kind === 'input') return [wiring.path]
  if (wiring.kind === 'list') return wiring.items.flatMap(inputsOf)
  return wiring.kind === 'object' ? Object.values(wiring.fields).flatMap(inputsOf) : []
}
