import type { EmbedNeed } from '@skein/workflows'
import type { LentModel } from './catalogue.ts'

/** A model that turns texts into vectors: the first of those wanted that is here, else the fittest. */
export function embedderAmong(
  models: ReadonlyMap<string, LentModel>,
  { models: wanted = [] }: EmbedNeed,
): LentModel | undefined {
  for (const name of wanted) {
    const model = models.get(name)
    if (model !== undefined && canEmbed(model)) return model
  }
  let best: LentModel | undefined
  for (const model of models.values()) {
    if (canEmbed(model) && (best === undefined || fitness(model) > fitness(best))) best = model
  }
  return best
}

function canEmbed({ info, engine }: LentModel): boolean {
  return engine.embed !== undefined && info.capabilities.includes('embedding')
}

/** Some servers say of every model that it embeds; those made for it do nothing else, or say so. */
function fitness({ info: { name, capabilities } }: LentModel): number {
  if (!capabilities.includes('chat')) return 2
  return /embed/i.test(name) ? 1 : 0
}
