import { canonicalJson, sha256 } from '@skein/workflows'
import { z } from 'zod'
import { deepFreeze } from '../freeze.ts'
import { isList } from '../guards.ts'
import type { Plan, StepNode } from './plan.ts'
import { planToJson, schemasToJson, type JsonStyle } from './plan-json.ts'
import { textOf } from '../store/value-text.ts'
import { beyondJsonSchema } from './beyond-json-schema.ts'
import { jsonSchemaOf } from './schema-text.ts'
import { definitionOf } from './step.ts'

type Json = Readonly<Record<string, unknown>>

/** A plan as it is now, sealed: everything that its outputs depend on, and nothing else. */
export interface Snapshot {
  /** SHA-256 of the plan below, the same on every machine. */
  readonly hash: string
  readonly plan: Json
  /** Whether the plan is what was sealed. */
  verify(): boolean
}

const Plain = z.record(z.string(), z.unknown())
const Sealed = z.object({ hash: z.string(), plan: Plain })

/** Seals a plan. */
export function snapshotOf(plan: Plan): Snapshot {
  const frozen = deepFreeze(plainOf(planToJson(plan, SEALED)))
  return seal(frozen, hashOf(frozen))
}

/** Whether a snapshot, perhaps read from a file, is what was sealed. */
export function isIntact(snapshot: unknown): boolean {
  const sealed = Sealed.safeParse(snapshot)
  return sealed.success && hashOf(sealed.data.plan) === sealed.data.hash
}

function seal(plan: Json, hash: string): Snapshot {
  const toJSON = () => ({ hash, plan })
  return Object.freeze({ hash, plan, verify: () => isIntact({ hash, plan }), toJSON })
}

function hashOf(plan: unknown): string {
  return sha256(canonicalJson(plan))
}

/** As JSON holds it; what JSON has no word for, or the word of something else, has marks. */
export function plainOf(json: Json): Json {
  return Plain.parse(JSON.parse(JSON.stringify(json, marked)))
}

function marked(this: unknown, name: string, value: unknown): unknown {
  // Dates and URLs have become texts already.
  const own: unknown = Reflect.get(Object(this), name)
  if (own instanceof RegExp) return { $: JSON.stringify({ $: ['regexp', String(own)] }) }
  // A member that is undefined is left out; in a list it would be null.
  const isForeign = own === undefined ? isList(this) : isForeignNumber(own) || isForeignObject(own)
  return isForeign ? { $: textOf(own) } : value
}

function isForeignNumber(value: unknown): boolean {
  if (typeof value === 'bigint') return true
  return typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
}

function isForeignObject(value: unknown): boolean {
  return [Map, Set, Uint8Array, Date, URL].some((kind) => value instanceof kind)
}

/**
 * What a plan's outputs depend on. Functions are told by their text, local steps by their text, version and schemas;
 * how many rows run at once, how long a try may take and how often it is repeated change no output.
 */
export const SEALED: JsonStyle = {
  function: (run) => ({ function: run.name, text: sha256(run.toString()).slice(0, 16) }),
  local: (work) => ({
    step: work.step.name,
    definition: definitionOf(work.step),
    ...schemasToJson(work),
    ...beyond('input', work.step.input),
    ...(work.step.context && { context: jsonSchemaOf(work.step.context) }),
    ...(work.step.context && beyond('context', work.step.context)),
  }),
  beyond,
  policy: ({ policy: { minSuccessRatio } }: StepNode) =>
    minSuccessRatio < 1 ? { minSuccessRatio } : {},
}

/** The definition of a step has that of its output already. */
function beyond(name: string, schema: z.ZodType): Json {
  const text = beyondJsonSchema(schema)
  return text === '' ? {} : { [`${name}Beyond`]: text }
}
