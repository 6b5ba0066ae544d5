import type { Lineage } from './lineage.ts'
import type { JournalReader } from '../store/store.ts'

/** Failures from before a run was taken up that it has not had again, by their places. */
export class EarlierFailures {
  readonly #open = new Set<string>()
  /** By the lineage of their rows, as a text. */
  readonly #byLineage = new Map<string, string[]>()
  /** Those whose rows came of such a row. */
  readonly #below = new Map<string, string[]>()

  constructor(journal: JournalReader) {
    try {
      for (const { place, value } of journal.notes('failure')) if (value !== null) this.#add(place)
    } catch {
      // What is damaged goes when the run has come to its end.
    }
  }

  /** It failed again. */
  again(place: string): void {
    this.#open.delete(place)
  }

  /** Those that a row which has left the plan shows to be mended; each is given once. */
  mendedBy(lineage: Lineage): readonly string[] {
    if (this.#open.size === 0) return []
    const own = lineage.map((_, i) => lineage.slice(0, i + 1).join('.'))
    const above = own.flatMap((text) => this.#byLineage.get(text) ?? [])
    const below = this.#below.get(lineage.join('.')) ?? []
    return [...above, ...below].filter((place) => this.#open.delete(place))
  }

  #add(place: string): void {
    const lineage = place.slice(0, place.indexOf('/'))
    this.#open.add(place)
    push(this.#byLineage, lineage, place)
    for (let end = lineage.lastIndexOf('.'); end > 0; end = lineage.lastIndexOf('.', end - 1)) {
      push(this.#below, lineage.slice(0, end), place)
    }
  }
}

function push(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key)
  if (list) list.push(value)
  else lists.set(key, [value])
}
