import { isList, isRecord, ownMember } from '../guards.ts'
import { enumerated } from '../listing.ts'

type Json = Readonly<Record<string, unknown>>

/**
 * Where a value of one JSON Schema certainly does not fit another: its place and the two types; nothing where it does, or
 * where that cannot be told from the schemas alone.
 */
export function misfitOf(given: unknown, wanted: unknown, path = ''): string | undefined {
  if (!isRecord(given) || !isRecord(wanted)) return undefined
  const { type } = wanted
  if (typeof given['type'] !== 'string' || typeof type !== 'string') return undefined
  if (!isKindOf(given['type'], type))
    return `${placeOf(path)} is ${nameOf(given)}, not ${nameOf(wanted)}`
  if (type === 'array') return misfitOf(given['items'], wanted['items'], `${path}[]`)
  return type === 'object' ? objectMisfit(given, wanted, path) : choiceMisfit(given, wanted, path)
}

function isKindOf(given: string, wanted: string): boolean {
  const isNumber = given === 'integer' || given === 'number'
  return given === wanted || (isNumber && (wanted === 'integer' || wanted === 'number'))
}

function placeOf(path: string): string {
  return path === '' ? 'it' : path
}

function objectMisfit(given: Json, wanted: Json, path: string): string | undefined {
  const has = isRecord(given['properties']) ? given['properties'] : {}
  const wants = isRecord(wanted['properties']) ? wanted['properties'] : {}
  const needs = needsOf(given, wanted)
  const placeAt = (name: string) => (path === '' ? name : `${path}.${name}`)
  for (const [name, schema] of Object.entries(wants)) {
    const misfit = misfitOf(ownMember(has, name), schema, placeAt(name))
    if (misfit !== undefined) return misfit
  }
  const missing = Object.keys(wants).filter(
    (name) => !Object.hasOwn(has, name) && needs.includes(name) && isDemanding(wants[name]),
  )
  if (missing.length === 0) return undefined
  return `${enumerated(missing.map(placeAt))} ${missing.length === 1 ? 'is' : 'are'} missing`
}

/** What must be among the given: whatever has names of any kind may have it. */
function needsOf(given: Json, wanted: Json): readonly unknown[] {
  const isOpen = isRecord(given['additionalProperties'])
  return isList(wanted['required']) && !isOpen ? wanted['required'] : []
}

/** Whether not every value fits, so that there must be one. */
function isDemanding(schema: unknown): boolean {
  return isRecord(schema) && Object.keys(schema).length > 0
}

/** Where some of the choices are wanted, these may be the ones that come. */
function choiceMisfit(given: Json, wanted: Json, path: string): string | undefined {
  const [may, wants] = [given['enum'], wanted['enum']]
  if (!isList(may) || !isList(wants) || may.some((value) => wants.includes(value))) return undefined
  const choices = may.map((value) => JSON.stringify(value)).join(' or ')
  return `${placeOf(path)} is ${choices}, which is not wanted`
}

function nameOf({ type, items }: Json): string {
  if (type !== 'array') return String(type)
  return `${isRecord(items) ? nameOf(items) : 'any'}[]`
}
