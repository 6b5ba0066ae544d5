import { z } from 'zod'
import type { Capability } from './engine.ts'

const text = z.string().optional().catch(undefined)
const number = z.number().optional().catch(undefined)

/** `GET /api/tags`: the models on the disk. Old servers leave out the capabilities and the context. */
export const Tags = z.object({
  models: z.array(
    z.object({
      name: z.string(),
      digest: text,
      remote_host: text,
      remote_model: text,
      capabilities: z.array(z.string()).optional().catch(undefined),
      details: z.object({ context_length: number }).optional().catch(undefined),
    }),
  ),
})
export type Tag = z.infer<typeof Tags>['models'][number]

/** `GET /api/ps`: the models in memory. */
export const Processes = z.object({
  models: z.array(z.object({ name: z.string(), context_length: number })),
})

/** `POST /api/embed`: one vector for each text. */
export const Vectors = z.object({ embeddings: z.array(z.array(z.number())) })

/** `POST /api/show`: one model in detail. */
export const Details = z.object({
  capabilities: z.array(z.string()).optional().catch(undefined),
  model_info: z.record(z.string(), z.unknown()).optional().catch(undefined),
})

/** Sizes that a context is rounded to: every other size than the loaded one reloads the model. */
const CONTEXT_SIZES = [2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072, 262_144] as const
/** Room for a document and its answer, on a machine of which we know nothing. */
const USUAL_CONTEXT = 8192

export interface ContextWishes {
  /** What the owner asks for. */
  readonly configured?: number | undefined
  /** What the model runs with now. */
  readonly loaded?: number | undefined
  /** What the model can at most. */
  readonly most?: number | undefined
}

/** The context that a model is run with from now on. */
export function pinContext({ configured, loaded, most = Infinity }: ContextWishes): number {
  if (configured !== undefined) return Math.min(roundUp(configured), most)
  return loaded ?? Math.min(USUAL_CONTEXT, most)
}

function roundUp(tokens: number): number {
  return CONTEXT_SIZES.find((size) => size >= tokens) ?? tokens
}

/** Whether the server would send the prompt to somebody else's machine. */
export function isRemote(tag: Tag): boolean {
  return Boolean(tag.remote_host) || Boolean(tag.remote_model) || /[:-]cloud$/.test(tag.name)
}

/** The most context of a model, from whichever of the two answers tells. */
export function mostContext(
  tag: Tag,
  details: z.infer<typeof Details> | undefined,
): number | undefined {
  const listed = tag.details?.context_length
  if (listed !== undefined && listed > 0) return listed
  const entry = Object.entries(details?.model_info ?? {}).find(([key]) =>
    key.endsWith('.context_length'),
  )
  return typeof entry?.[1] === 'number' && entry[1] > 0 ? entry[1] : undefined
}

/** Ollama's words for what a model can, in ours. Every local model is constrained by a schema. */
export function capabilitiesOf(told: readonly string[] | undefined): readonly Capability[] {
  if (told === undefined) return ['chat', 'json-schema', 'seed']
  const capabilities: Capability[] = []
  if (told.includes('completion')) capabilities.push('chat', 'json-schema', 'seed')
  for (const name of ['tools', 'vision', 'embedding', 'thinking'] as const) {
    if (told.includes(name)) capabilities.push(name)
  }
  return capabilities
}
