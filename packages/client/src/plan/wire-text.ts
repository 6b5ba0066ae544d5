import { isList, isRecord } from '../guards.ts'
import type { Wiring } from './plan.ts'
import { invalid } from './runnable.ts'

/**
 * Wires as data: `$input.text`, `$load`, `$stats.mean`; a text that begins with a dollar is written with two. Behind a
 * backslash a character means itself: `$load.a\.b` is the field `a.b` of a step, `$\input` a step that is named `input`.
 */

/** A wiring as JSON. */
export function wiringToJson(wiring: Wiring, names: readonly string[]): unknown {
  if (wiring.kind === 'input') return ['$input', ...wiring.path.map(escaped)].join('.')
  if (wiring.kind === 'part') {
    return [`$${stepText(names[wiring.part] ?? '')}`, ...wiring.path.map(escaped)].join('.')
  }
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
    const name = referenceOf(wire)?.step
    return name === undefined ? [] : [name]
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
  const { step, path } = reference
  if (step === undefined) return { kind: 'input', path }
  const part = places.get(step)
  if (part === undefined)
    throw invalid(`${where} is wired to '${step}', which is no step of the graph`)
  return { kind: 'part', part, path }
}

interface Reference {
  /** Name of the step; none is the input of the graph. */
  readonly step: string | undefined
  readonly path: readonly string[]
}

function referenceOf(text: string): Reference | undefined {
  if (!text.startsWith('$') || text.startsWith('$$')) return undefined
  const [first = '', ...path] = Array.from(
    `.${text.slice(1)}`.matchAll(/\.((?:\\.|[^.])*)/gs),
    ([, name = '']) => name,
  )
  return { step: first === 'input' ? undefined : plain(first), path: path.map(plain) }
}

function escaped(name: string): string {
  return name.replaceAll(/[.\\]/g, String.raw`\$&`)
}

/** A step that is named as the input is, or as texts begin, is no such thing. */
function stepText(name: string): string {
  return name === 'input' || name.startsWith('$') ? `\\${escaped(name)}` : escaped(name)
}

function plain(text: string): string {
  return text.replaceAll(/\\(.)/gs, '$1')
}
