import { ClientError } from '../errors.ts'
import { isRecord } from '../guards.ts'
import { POLICY_OPTIONS } from './policy.ts'
import { invalid } from './runnable.ts'
import { namesIn } from './wire-text.ts'

/** Places in a plan that comes as data. */

export type Json = Readonly<Record<string, unknown>>

/** A step, and the verb that it says. */
export interface Said {
  readonly verb: string
  readonly fields: Json
  readonly path: string
}

/** A step of a graph. */
export interface Part {
  readonly name: string
  readonly fields: Json
  readonly path: string
  readonly needs: readonly string[]
}

export function partOf(json: unknown, path: string): Part {
  const fields = record(json, path)
  const { name = fields['step'], wire, on } = fields
  if (typeof name !== 'string' || name === '') throw invalid(`${at(path, 'name')} must be a name`)
  return { name, fields, path, needs: [...namesIn(wire), ...namesIn(on)] }
}

/** Each after those that it needs; otherwise as they are written. */
export function inOrder(parts: readonly Part[], path: string): Part[] {
  const byName = new Map<string, Part>()
  for (const part of parts) {
    if (byName.has(part.name)) throw invalid(`${path} has two steps named '${part.name}'`)
    byName.set(part.name, part)
  }
  const done = new Set<Part>()
  const visit = (part: Part, way: readonly Part[]) => {
    if (done.has(part)) return
    if (way.includes(part)) {
      const circle = [...way.slice(way.indexOf(part)), part].map(({ name }) => name)
      throw invalid(`${path} goes in a circle: ${circle.join(' → ')}`)
    }
    for (const need of part.needs) {
      const needed = byName.get(need)
      if (!needed)
        throw invalid(`${part.path} is wired to '${need}', which is no step of the graph`)
      visit(needed, [...way, part])
    }
    done.add(part)
  }
  for (const part of parts) visit(part, [])
  return [...done]
}

export function record(json: unknown, where: string): Json {
  if (isRecord(json)) return json
  throw invalid(`${where} must be an object`)
}

export function checkKeys(
  fields: Json,
  known: readonly string[],
  ...[path, hasPolicy = false]: [path: string, hasPolicy?: boolean]
): void {
  const allowed = hasPolicy ? [...known, ...POLICY_OPTIONS] : known
  const unknown = Object.keys(fields).find((key) => !allowed.includes(key))
  if (unknown === undefined) return
  throw invalid(`${at(path, unknown)} is unknown here; there may be ${allowed.join(', ')}`)
}

/** What options are that TypeScript would not let be anything else. */
const KINDS: Readonly<Record<string, 'boolean' | 'number' | 'object'>> = {
  each: 'boolean',
  failFast: 'boolean',
  jitter: 'boolean',
  concurrency: 'number',
  factor: 'number',
  minSuccessRatio: 'number',
  retry: 'object',
}

/** Throws where an option is of another kind: a text is no truth value, whatever it says. */
export function checkKind(option: string, value: unknown, path: string): void {
  const kind = Object.hasOwn(KINDS, option) ? KINDS[option] : undefined
  if (kind === undefined || (kind === 'object' ? isRecord(value) : typeof value === kind)) return
  throw invalid(`${path} must be ${WORDS[kind]}, not ${JSON.stringify(value)}`)
}

const WORDS = { boolean: 'true or false', number: 'a number', object: 'an object' }

export function at(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

/** Errors of the builder do not know where in the data they come from. */
export function located<T>(path: string, build: () => T): T {
  try {
    return build()
  } catch (thrown) {
    if (!(thrown instanceof ClientError) || thrown.message.includes(path)) throw thrown
    throw invalid(`${path}: ${thrown.message}`)
  }
}
