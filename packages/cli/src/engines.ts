import { basename } from 'node:path'
import {
  createLlamaEngine,
  createOllamaEngine,
  createOpenAiEngine,
  createScriptedEngine,
  DEMONSTRATION_MODEL,
  demonstrationEngine,
  findEngines,
  parseScript,
  type Engine,
  type Finding,
  type Script,
} from '@skein/node'
import { ENGINE_KINDS, type EngineKind } from './engine-kinds.ts'
import { CliError } from './errors.ts'
import { readJson } from './files.ts'
import { insistOnModelFile } from './model-file.ts'

/** Choosing what answers: the engine that the options name, or what this machine has. */

export interface EngineOptions {
  readonly engine?: EngineKind
  readonly ollamaHost?: string
  readonly openaiUrl?: string
  /** A GGUF file. */
  readonly model?: string
  /** A JSON file for the scripted engine. */
  readonly script?: string
  readonly slots?: number
}

export type Environment = Readonly<Record<string, string | undefined>>

/** What lends models, and what is said about where they were looked for. */
export interface ChosenEngines extends AsyncDisposable {
  readonly engines: readonly Engine[]
  /** Why the machine's own model server does not answer, where the demonstration model stands in. */
  readonly notes: readonly string[]
}

/** From asking an engine whether it is there to giving up. */
const PROBE_MS = 10_000

/**
 * The engines that the options name; without any, those that this machine has.
 *
 * @throws {CliError} `USAGE` options that contradict each other; `UNREACHABLE` the engine is not there
 */
export async function chooseEngines(
  options: EngineOptions,
  environment: Environment,
): Promise<ChosenEngines> {
  const kind = kindOf(options)
  if (kind === undefined) return lookAround(options, environment)
  const { slots } = options
  const engine = await MAKERS[kind](
    { ...options, slots: slots === undefined ? {} : { slots } },
    environment,
  )
  await insistOnReachable(engine)
  return chosen([engine])
}

/** The option that only one kind of engine has, by kind. */
const OWN_OPTION = {
  ollama: 'ollamaHost',
  openai: 'openaiUrl',
  llama: 'model',
  scripted: 'script',
} as const satisfies Partial<Record<EngineKind, keyof EngineOptions>>

const FLAGS = {
  ollamaHost: '--ollama-host',
  openaiUrl: '--openai-url',
  model: '--model',
  script: '--script',
} as const

function kindOf(options: EngineOptions): EngineKind | undefined {
  const named = Object.entries(OWN_OPTION).filter(([, option]) => options[option] !== undefined)
  const wrong = named.find(([kind]) => options.engine !== undefined && kind !== options.engine)
  if (wrong) {
    throw new CliError(
      'USAGE',
      `${FLAGS[wrong[1]]} belongs to --engine ${wrong[0]}, not to --engine ${options.engine}`,
    )
  }
  if (named.length > 1) {
    const flags = named.map(([, option]) => FLAGS[option]).join(' and ')
    throw new CliError('USAGE', `${flags} name different engines: choose one`)
  }
  const [implied] = named
  return options.engine ?? ENGINE_KINDS.find((kind) => kind === implied?.[0])
}

async function lookAround(
  { slots }: EngineOptions,
  environment: Environment,
): Promise<ChosenEngines> {
  const { engines, findings } = await findEngines({ environment })
  if (engines.length === 0) {
    throw new CliError('UNREACHABLE', 'this machine has no model to lend', {
      mend: findings.map(({ id, reason }) => `${id}: ${reason}`).join('\n'),
    })
  }
  const notes = engines.some(isDemonstration) ? [...missing(findings), TOY] : []
  const standsIn = slots !== undefined && engines.every(isDemonstration)
  return chosen(standsIn ? [demonstrationEngine({ slots })] : engines, notes)
}

const TOY = `The demonstration model ${DEMONSTRATION_MODEL} answers: it shows the network, not intelligence.`

function isDemonstration({ id }: Engine): boolean {
  return id === `llama@${DEMONSTRATION_MODEL}`
}

function missing(findings: readonly Finding[]): string[] {
  return findings.filter(({ found }) => !found).map(({ reason }) => `${reason}.`)
}

function chosen(engines: readonly Engine[], notes: readonly string[] = []): ChosenEngines {
  return {
    engines,
    notes,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(engines.map((engine) => engine[Symbol.asyncDispose]()))
    },
  }
}

/** How each kind is made of its options. */
const MAKERS: Readonly<Record<EngineKind, Maker>> = {
  ollama: ({ ollamaHost, slots }, environment) => {
    const host = ollamaHost ?? environment['OLLAMA_HOST']
    return createOllamaEngine({ ...slots, ...(host ? { host } : {}) })
  },
  openai: ({ openaiUrl, slots }, environment) => {
    const apiKey = environment['SKEIN_OPENAI_API_KEY']
    const baseUrl = httpUrl(required(openaiUrl, 'openai', '--openai-url http://127.0.0.1:8080/v1'))
    return createOpenAiEngine({ ...slots, baseUrl, ...(apiKey ? { apiKey } : {}) })
  },
  llama: async ({ model, slots }) => {
    const path = required(model, 'llama', '--model FILE.gguf')
    await insistOnModelFile(path)
    return createLlamaEngine({ ...slots, path, name: basename(path, '.gguf') })
  },
  scripted: async ({ script, slots }) => {
    const answers = await readScript(required(script, 'scripted', '--script FILE.json'))
    return createScriptedEngine({ ...answers, ...slots })
  },
  demonstration: ({ slots }) => demonstrationEngine(slots),
}

type Maker = (
  options: Omit<EngineOptions, 'slots'> & { readonly slots: { readonly slots?: number } },
  environment: Environment,
) => Engine | Promise<Engine>

async function readScript(file: string): Promise<Script> {
  const json = await readJson(file)
  try {
    return parseScript(json)
  } catch (cause) {
    throw new CliError('USAGE', `${file}: ${cause instanceof Error ? cause.message : ''}`, {
      cause,
    })
  }
}

function required(value: string | undefined, kind: EngineKind, example: string): string {
  if (value !== undefined) return value
  throw new CliError('USAGE', `--engine ${kind} needs more: ${example}`)
}

function httpUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text
  throw new CliError('USAGE', `--openai-url ${text} is no address`, {
    mend: 'Write it whole, with the version: http://127.0.0.1:8080/v1',
  })
}

async function insistOnReachable(engine: Engine): Promise<void> {
  const { reachable, problems } = await engine.probe(AbortSignal.timeout(PROBE_MS))
  if (reachable) return
  await engine[Symbol.asyncDispose]()
  throw new CliError('UNREACHABLE', `${engine.id} does not answer: ${problems.join('; ')}`)
}
