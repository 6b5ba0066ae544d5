import { z } from 'zod'
import type { Absences } from './call-record.ts'
import { RecordedTrace } from './recorded-trace.ts'

/** An origin, as it is read again. */
export const RecordedOrigin = z.object({
  node: z.string(),
  peer: z.string(),
  model: z.string(),
  tokens: z.object({ input: z.number(), output: z.number() }),
  ms: z.number(),
  tokensPerSecond: z.number().exactOptional(),
  artifact: z.string().exactOptional(),
  route: z.string().exactOptional(),
  steps: z.array(z.string()).exactOptional(),
  trace: z.array(RecordedTrace).exactOptional(),
  absent: z.lazy(() => RecordedAbsences).exactOptional(),
  madeUpBy: z.string().exactOptional(),
})

const RecordedAbsences: z.ZodType<Absences> = z.record(
  z.string(),
  z.union([z.string(), z.lazy(() => RecordedAbsences)]),
)

/** Names that are held. */
const MOST_NAMES = 1000

const names = new Map<string, string>()

/** The same text each time: whoever answered did so a hundred thousand times, and rows hold their origins. */
function held(name: string): string {
  const known = names.get(name)
  if (known !== undefined) return known
  if (names.size >= MOST_NAMES) names.clear()
  names.set(name, name)
  return name
}

/** Reads an origin again, and takes little room for it. Throws a `ZodError`. */
export function readOrigin(value: unknown): z.infer<typeof RecordedOrigin> {
  const { node, peer, model, tokens, ms, ...rest } = RecordedOrigin.parse(value)
  const { input, output } = tokens
  const who = { node: held(node), peer: held(peer), model: held(model) }
  return { ...who, tokens: { input, output }, ms, ...rest }
}
