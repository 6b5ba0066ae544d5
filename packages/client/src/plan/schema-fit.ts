import { isList, isRecord } from '../guards.ts'

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
  return given === wanted || (given === 'integer' && wanted === 'number')
}

function placeOf(path: string): string {
  return path === '' ? 'it' : path
}

function objectMisfit(given: Json, wanted: Json, path: string): string | undefined {
  const has = isRecord(given['properties']) ? given['properties'] : {}
  const wants = isRecord(wanted['properties']) ? wanted['properties'] : {}
  const needs = isList(wanted['required']) ? wanted['required'] : []
  for (const [name, schema] of Object.entries(wants)) {
    const place = path === '' ? name : `${path}.${name}`
    if (!(name in has) && needs.includes(name)) return `${place} is missing`
    const misfit = misfitOf(has[name], schema, place)
    if (misfit !== undefined) return misfit
  }
  return undefined
}

function choiceMisfit(given: Json, wanted: Json, path: string): string | undefined {
  const [may, wants] = [given['enum'], wanted['enum']]
  if (!isList(may) || !isList(wants)) return undefined
  const foreign = may.find((value) => !wants.includes(value))
  return foreign === undefined
    ? undefined
    : `${placeOf(path)} may be ${JSON.stringify(foreign)}, which is not wanted`
}

function nameOf({ type, items }: Json): string {
  if (type !== 'array') return String(type)
  return `${isRecord(items) ? nameOf(items) : 'any'}[]`
}
