import { stringify } from 'smol-toml'
import { messageOf } from '../errors.ts'
import { isList, isPlain } from '../guards.ts'
import { invalid } from './runnable.ts'

/**
 * A pipeline's JSON as TOML, which reads back to the same.
 *
 * @throws {ClientError} `INVALID_PLAN` naming the place of what TOML cannot say
 */
export function planToToml(json: unknown): string {
  const found = unsayable(json, '')
  if (found !== undefined) throw invalid(`the pipeline cannot be said in TOML: ${found}`)
  try {
    return stringify(JSON.parse(JSON.stringify(json)))
  } catch (thrown) {
    throw invalid(`the pipeline cannot be said in TOML: ${messageOf(thrown)}`)
  }
}

/** Place and kind of the first value that would be lost, or come back as another; members that are undefined are absent. */
function unsayable(value: unknown, path: string): string | undefined {
  if (isList(value)) {
    // Unlike find(), entries() sees holes.
    for (const [i, item] of value.entries()) {
      const found =
        item === undefined ? `${path}[${i}] is undefined` : unsayable(item, `${path}[${i}]`)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (!isPlain(value)) {
    const kind = kindOf(value)
    return kind && `${path} is ${kind}`
  }
  for (const [name, member] of Object.entries(value)) {
    const found = unsayable(member, path === '' ? name : `${path}.${name}`)
    if (found !== undefined) return found
  }
  return undefined
}

/** What a value is, where TOML has no word for it. */
function kindOf(value: unknown): string | undefined {
  if (value === null) return 'null'
  if (typeof value === 'number') {
    if (Object.is(value, -0)) return '-0'
    return Number.isFinite(value) ? undefined : String(value)
  }
  if (typeof value === 'object') return `a ${value.constructor.name}`
  return ['undefined', 'string', 'boolean'].includes(typeof value) ? undefined : `a ${typeof value}`
}
