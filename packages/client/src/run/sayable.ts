import { isFunction, isList } from '../guards.ts'

/**
 * The value as JSON can say it. What JSON has no word for is marked as the journal marks it: `{"$":["bigint","10"]}`, and
 * so numbers that are none or without end, maps, sets and bytes. Dates and whatever else tells itself are left to that.
 */
export function sayable(value: unknown): unknown {
  return said(value, new Set())
}

function said(value: unknown, above: Set<object>): unknown {
  if (typeof value === 'bigint') return mark('bigint', String(value))
  if (typeof value === 'number') {
    return Number.isFinite(value) ? value : mark('number', String(value))
  }
  if (typeof value !== 'object' || value === null) return value
  if (above.has(value)) return mark('circle', null)
  above.add(value)
  const told = saidObject(value, (member) => said(member, above))
  above.delete(value)
  return told
}

function saidObject(value: object, say: (member: unknown) => unknown): unknown {
  if (isList(value)) return value.map(say)
  if (value instanceof Map) {
    const entries: readonly (readonly unknown[])[] = [...value]
    return mark(
      'map',
      entries.map((entry) => entry.map(say)),
    )
  }
  if (value instanceof Set) return mark('set', Array.from(value, say))
  if (value instanceof Uint8Array) return mark('bytes', Buffer.from(value).toString('base64'))
  if (isFunction(Reflect.get(value, 'toJSON'))) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, say(member)]))
}

function mark(tag: string, payload: unknown): unknown {
  return { $: [tag, payload] }
}
