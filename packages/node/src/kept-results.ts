import { SlotMap, type MessageOf } from '@skein/protocol'

/** How a task ended, as it is told to its client. */
export type Ending = MessageOf<'finish' | 'fail'>

/** Results of one client that it has not confirmed. */
interface Shelf {
  readonly results: SlotMap<string, Ending>
  chars: number
}

/** One client's results: as many as it could have had at work, several times over. */
const MOST_RESULTS = 4096
const MOST_CHARS = 32 * 1024 * 1024
/** Clients whose results are kept at all. */
const MOST_CLIENTS = 64

/**
 * Results until their clients say that they are on their disk. A client that went away in between
 * gets them when it comes back; the oldest give way when there are too many.
 */
export class KeptResults {
  /** The client that was heard of longest ago comes first. */
  readonly #shelves = new Map<string, Shelf>()
  #latest: string | undefined

  keep(client: string, ending: Ending): void {
    const shelf = this.#shelfOf(client)
    const key = keyOf(ending)
    const before = shelf.results.get(key)
    if (before !== undefined) shelf.chars -= sizeOf(before)
    shelf.results.set(key, ending)
    shelf.chars += sizeOf(ending)
    // A loop that ends at once would still walk over all that is gone from the head of the map.
    if (isOverfull(shelf)) this.#lighten(shelf)
  }

  #lighten(shelf: Shelf): void {
    for (const key of shelf.results.keys()) {
      if (!isOverfull(shelf)) return
      const oldest = shelf.results.get(key)
      shelf.results.delete(key)
      if (oldest !== undefined) shelf.chars -= sizeOf(oldest)
    }
  }

  forget(client: string, lease: { readonly task: string; readonly attempt: number }): void {
    const shelf = this.#shelves.get(client)
    const key = keyOf(lease)
    const ending = shelf?.results.get(key)
    if (shelf === undefined || ending === undefined) return
    shelf.results.delete(key)
    shelf.chars -= sizeOf(ending)
    if (shelf.results.size === 0) this.#shelves.delete(client)
  }

  /** What a client that comes back has not confirmed, the oldest first. */
  of(client: string): Iterable<Ending> {
    return this.#shelves.get(client)?.results.values() ?? []
  }

  get size(): number {
    let size = 0
    for (const { results } of this.#shelves.values()) size += results.size
    return size
  }

  #shelfOf(client: string): Shelf {
    const known = this.#shelves.get(client)
    if (known !== undefined && client === this.#latest) return known
    this.#latest = client
    const shelf = this.#shelves.get(client) ?? { results: new SlotMap<string, Ending>(), chars: 0 }
    this.#shelves.delete(client)
    this.#shelves.set(client, shelf)
    const [oldest] = this.#shelves.keys()
    if (this.#shelves.size > MOST_CLIENTS && oldest !== undefined) this.#shelves.delete(oldest)
    return shelf
  }
}

function isOverfull({ results, chars }: Shelf): boolean {
  return results.size > MOST_RESULTS || chars > MOST_CHARS
}

function keyOf({ task, attempt }: { readonly task: string; readonly attempt: number }): string {
  return `${attempt} ${task}`
}

/** About how much memory it holds. */
function sizeOf(ending: Ending): number {
  if (ending.type === 'fail') return ending.message.length
  const { output } = ending
  return typeof output === 'string' ? output.length : JSON.stringify(output ?? null).length
}
