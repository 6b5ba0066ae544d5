import type { Engine, ModelInfo } from './engines/engine.ts'
import { Speed } from './speed.ts'

/** A model that this node lends, and who runs it. */
export interface LentModel {
  readonly info: ModelInfo
  readonly engine: Engine
  readonly speed: Speed
}

/** An engine that does not answer within this time keeps the models that it had. */
const PATIENCE_MS = 15_000

/** Which models there are, as the engines last said. */
export class Catalogue {
  readonly #engines: readonly Engine[]
  #models: ReadonlyMap<string, LentModel> = new Map()
  #problems: readonly string[] = []

  constructor(engines: readonly Engine[]) {
    this.#engines = engines
  }

  get models(): ReadonlyMap<string, LentModel> {
    return this.#models
  }

  /** What is wrong with engines, for people. */
  get problems(): readonly string[] {
    return this.#problems
  }

  /** Asks all engines anew. Of two models of one name, that of the earlier engine is lent. */
  async refresh(outer: AbortSignal): Promise<void> {
    const looks = await Promise.all(this.#engines.map((engine) => this.#ask(engine, outer)))
    const models = new Map<string, LentModel>()
    for (const { lent } of looks) {
      for (const model of lent) if (!models.has(model.info.name)) models.set(model.info.name, model)
    }
    this.#models = models
    this.#problems = looks.flatMap(({ problem }) => problem)
  }

  async #ask(engine: Engine, outer: AbortSignal): Promise<Look> {
    const patience = AbortSignal.timeout(PATIENCE_MS)
    try {
      const models = await engine.models(AbortSignal.any([outer, patience]))
      return { lent: models.filter(isLent).map((info) => this.#lend(engine, info)), problem: [] }
    } catch (error) {
      const kept = [...this.#models.values()].filter((model) => model.engine === engine)
      if (patience.aborted) return { lent: kept, problem: [`${engine.id} does not answer`] }
      const told = error instanceof Error ? error.message : String(error)
      return { lent: [], problem: [told] }
    }
  }

  /** The same model keeps its measured speed. */
  #lend(engine: Engine, info: ModelInfo): LentModel {
    const known = this.#models.get(info.name)
    return { info, engine, speed: known?.engine === engine ? known.speed : new Speed() }
  }
}

interface Look {
  readonly lent: readonly LentModel[]
  readonly problem: readonly string[]
}

/** Only what runs on this machine and can answer. */
function isLent({ remote, capabilities }: ModelInfo): boolean {
  return !remote && (capabilities.includes('chat') || capabilities.includes('embedding'))
}
