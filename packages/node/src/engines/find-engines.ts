import { DEMONSTRATION_MODEL, demonstrationEngine } from './demonstration.ts'
import type { Engine } from './engine.ts'
import { createOllamaEngine } from './ollama.ts'
import { createOpenAiEngine, type OpenAiOptions } from './openai.ts'

/** A server on this machine answers at once; one that does not is not worth a person's wait. */
const PATIENCE_MS = 3000

export interface FindEnginesOptions {
  /** Where Ollama listens; wins over the environment. @default 'http://127.0.0.1:11434' */
  readonly ollamaHost?: string
  /** OpenAI-compatible servers that the owner wants to lend. */
  readonly openai?: readonly OpenAiOptions[]
  /** The environment of the program: `OLLAMA_HOST` and `OLLAMA_NUM_PARALLEL` count. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Whether the demonstration model stands in where there is no other. @default true */
  readonly demonstration?: boolean
  readonly signal?: AbortSignal
}

/** One place that was looked at, and what came of it, in a sentence for people. */
export interface Finding {
  readonly id: string
  readonly found: boolean
  readonly reason: string
}

export interface FoundEngines {
  /** Those that have models to lend, best first. */
  readonly engines: readonly Engine[]
  readonly findings: readonly Finding[]
}

/**
 * Looks for model servers: a running Ollama, the configured OpenAI-compatible servers, and where
 * none of them has a model, the demonstration model. Never rejects unless `signal` aborts.
 */
export async function findEngines(options: FindEnginesOptions = {}): Promise<FoundEngines> {
  const { openai = [], demonstration = true } = options
  const servers = [configuredOllama(options), ...openai.map(createOpenAiEngine)]
  const looks = await Promise.all(servers.map((engine) => look(engine, options.signal)))
  options.signal?.throwIfAborted()
  if (demonstration && !looks.some(({ finding }) => finding.found)) {
    looks.push(await lookAtDemonstration())
  }
  return {
    engines: looks.filter(({ finding }) => finding.found).map(({ engine }) => engine),
    findings: looks.map(({ finding }) => finding),
  }
}

function configuredOllama({ ollamaHost, environment = {} }: FindEnginesOptions): Engine {
  const host = ollamaHost ?? environment['OLLAMA_HOST']
  const slots = Number(environment['OLLAMA_NUM_PARALLEL'])
  return createOllamaEngine({
    ...(host ? { host } : {}),
    ...(Number.isInteger(slots) && slots > 0 ? { slots } : {}),
  })
}

interface Look {
  readonly engine: Engine
  readonly finding: Finding
}

async function look(engine: Engine, outer: AbortSignal | undefined): Promise<Look> {
  const patience = AbortSignal.timeout(PATIENCE_MS)
  const signal = outer === undefined ? patience : AbortSignal.any([outer, patience])
  const { id } = engine
  try {
    const { reachable, server = id, problems } = await engine.probe(signal)
    if (!reachable) return { engine, finding: { id, found: false, reason: problems.join('; ') } }
    const local = (await engine.models(signal)).filter((model) => !model.remote)
    const found = local.length > 0
    const reason = found
      ? `${server} lends ${local.map((model) => model.name).join(', ')}`
      : `${server} runs but has no model on this machine: ${adviceFor(engine)}`
    return { engine, finding: { id, found, reason } }
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error)
    const reason = patience.aborted ? `No answer within ${PATIENCE_MS / 1000} s` : told
    return { engine, finding: { id, found: false, reason } }
  }
}

function adviceFor(engine: Engine): string {
  return engine.kind === 'ollama' ? 'run ollama pull llama3.2' : 'load one in it'
}

/** Looks whether it could run; running it is left to whoever uses it. */
async function lookAtDemonstration(): Promise<Look> {
  const engine = demonstrationEngine()
  const { reachable, problems } = await engine.probe(new AbortController().signal)
  const reason = reachable
    ? `the demonstration model ${DEMONSTRATION_MODEL}: a toy that shows the network, not intelligence`
    : problems.join('; ')
  return { engine, finding: { id: engine.id, found: reachable, reason } }
}
