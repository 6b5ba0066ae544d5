import { canonicalJson, sha256 } from '@skein/workflows'
import { z } from 'zod'
import { deepFreeze } from '../freeze.ts'
import type { Plan, StepNode } from './plan.ts'
import { planToJson, schemasToJson, type JsonStyle } from './plan-json.ts'
import { textOf } from '../store/value-text.ts'
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

/** As JSON holds it; what JSON has no word for has marks. */
function plainOf(json: Json): Json {
  return Plain.parse(JSON.parse(JSON.stringify(json, marked)))
}

function marked(_name: string, value: unknown): unknown {
  const isForeign =
    value instanceof Map ||
    value instanceof Set ||
    value instanceof Uint8Array ||
    typeof value === 'bigint' ||
    (typeof value === 'number' && !Number.isFinite(value))
  return isForeign ? { $: textOf(value) } : value
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
    ...(work.step.context && { context: jsonSchemaOf(work.step.context) }),
  }),
  policy: ({ policy: { minSuccessRatio } }: StepNode) =>
    minSuccessRatio < 1 ? { minSuccessRatio } : {},
}
