import { hash } from 'node:crypto'
import type { CallIdentity } from './call-record.ts'
import { ValueWriter } from './value-text.ts'

/** Knows large values again that many calls share; holds on to none of them. */
const writer = new ValueWriter({ canonical: true })

/** One text for equal values of equal types, on every machine: `1`, `'1'`, `true` and `[1]` have four. */
export function canonicalText(value: unknown): string {
  return writer.write(value)
}

/** Equal for equal definitions and inputs, on every machine. */
export function fingerprintOf({ definition, input }: CallIdentity): string {
  return hash('sha256', `${definition}\n${canonicalText(input)}`, 'base64url')
}
