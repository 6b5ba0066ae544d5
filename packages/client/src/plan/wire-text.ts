import { isList, isRecord } from '../guards.ts'
import type { Wiring } from './plan.ts'
import { invalid } from './runnable.ts'

/** Wires as data: `$input.text`, `$load`, `$stats.mean`; a text that begins with a dollar is written with two. */

/** A wiring as JSON. */
export function wiringToJson(wiring: Wiring, names: readonly string[]): unknown {
  if (wiring.kind === 'input') return ['$input', ...wiring.path].join('.')
  if (wiring.kind === 'part') return [`$${names[wiring.part] ?? ''}`, ...wiring.path].join('.')
  if (wiring.kind === 'list') return wiring.items.map((item) => wiringToJson(item, names))
  if (wiring.kind === 'value') {
    const { value } = wiring
    return typeof value === 'string' && value.startsWith('$') ? `$${value}` : value
  }
  const fields = Object.entries(wiring.fields)
  return Object.fromEntries(fields.map(([name, field]) => [name, wiringToJson(field, names)]))
}

/** Names of the steps that a wire in JSON refers to. */
export function namesIn(wire: unknown): string[] {
  if (typeof wire === 'string') {
    const name = referenceOf(wire)?.name
    return name === undefined || name === 'input' ? [] : [name]
  }
  if (isList(wire)) return wire.flatMap(namesIn)
  return isRecord(wire) ? Object.values(wire).flatMap(namesIn) : []
}

/**
 * The wiring that JSON stands for.
 *
 * @throws {ClientError} `INVALID_PLAN` naming the place
 */
export function wiringFrom(
  wire: unknown,
  places: ReadonlyMap<string, number>,
  where: string,
): Wiring {
  if (typeof wire === 'string') return wireOfText(wire, places, where)
  if (isList(wire)) {
    return {
      kind: 'list',
      items: wire.map((item, i) => wiringFrom(item, places, `${where}[${i}]`)),
    }
  }
  if (!isRecord(wire)) return { kind: 'value', value: wire }
  const fields = Object.entries(wire).map(
    ([name, inner]) => [name, wiringFrom(inner, places, `${where}.${name}`)] as const,
  )
  return { kind: 'object', fields: Object.fromEntries(fields) }
}

function wireOfText(text: string, places: ReadonlyMap<string, number>, where: string): Wiring {
  const reference = referenceOf(text)
  if (!reference) return { kind: 'value', value: text.startsWith('$$') ? text.slice(1) : text }
  const { name, path } = reference
  if (name === 'input') return { kind: 'input', path }
  const part = places.get(name)
  if (part === undefined)
    throw invalid(`${where} is wired to '${name}', which is no step of the graph`)
  return { kind: 'part', part, path }
}

function referenceOf(text: string): { name: string; path: readonly string[] } | undefined {
  if (!text.startsWith('$') || text.startsWith('$$')) return undefined
  const [name = '', ...path] = text.slice(1).split('.')
  return { name, path }
}
