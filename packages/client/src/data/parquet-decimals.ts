import type { FileMetaData, SchemaElement, SchemaTree } from 'hyparquet'
import { isList, isRecord } from '../guards.ts'
import { Decimal } from './exact-json.ts'

/** The same file, with decimals as the whole numbers that they are stored as: its reader would make them rounded numbers. */
export function withRawDecimals(metadata: FileMetaData): FileMetaData {
  return { ...metadata, schema: metadata.schema.map(rawElement) }
}

function rawElement(element: SchemaElement): SchemaElement {
  if (!isDecimal(element)) return element
  const { converted_type: _, ...raw } = element
  return raw
}

function isDecimal({ converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  return converted === 'DECIMAL' || logical?.type === 'DECIMAL'
}

export function holdsDecimals({ element, children }: SchemaTree): boolean {
  return isDecimal(element) || children.some(holdsDecimals)
}

/** A value of a column with each decimal in it in full. */
export function withDecimals(value: unknown, tree: SchemaTree): unknown {
  const { element, children } = tree
  if (isList(value)) {
    const item = itemOf(tree)
    return value.map((each) => withDecimals(each, item))
  }
  if (children.length === 0) return isDecimal(element) ? decimalOf(value, element) : value
  if (!isRecord(value)) return value
  const entries = Object.entries(value).map(([name, part]) => {
    const child = partOf(tree, name)
    return [name, child ? withDecimals(part, child) : part] as const
  })
  return Object.fromEntries(entries)
}

/** A list is a group of a repeated group of its items, or, in old files, of repeated items. */
function itemOf(tree: SchemaTree): SchemaTree {
  const [repeated] = tree.children
  if (tree.element.converted_type !== 'LIST' || !repeated) return tree
  const [item] = repeated.children
  return item && repeated.children.length === 1 ? item : repeated
}

/** A map is a repeated group of keys and values. */
function partOf({ element, children }: SchemaTree, name: string): SchemaTree | undefined {
  const fields = element.converted_type === 'MAP' ? children[0]?.children : children
  const wanted = element.converted_type === 'MAP' ? 'value' : name
  return fields?.find((child) => child.element.name === wanted)
}

function decimalOf(value: unknown, { scale, logical_type: logical }: SchemaElement): unknown {
  const unscaled = wholeOf(value)
  if (unscaled === undefined) return value
  const places = scale ?? (logical?.type === 'DECIMAL' ? logical.scale : 0)
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(places + 1, '0')
  const point = digits.length - places
  const part = places > 0 ? `.${digits.slice(point)}` : ''
  return new Decimal(`${unscaled < 0n ? '-' : ''}${digits.slice(0, point)}${part}`)
}

/** Stored as a whole number, or as its bytes, the highest first. */
function wholeOf(value: unknown): bigint | undefined {
  if (typeof value === 'bigint' || typeof value === 'number') return BigInt(value)
  // Bytes that could be a text have become one.
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) return undefined
  const bytes = Buffer.from(value)
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x0${bytes.toString('hex')}`))
}
