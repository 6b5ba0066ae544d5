import type { Journal, Store } from '../../src/store/store.ts'

/** A store whose process is killed. */
export interface MortalStore {
  readonly store: Store
  /** The process is dead: nothing that it does is heard of any more. */
  readonly dead: Promise<void>
  /** Keys of the calls that were recorded. */
  readonly recorded: ReadonlySet<string>
}

const NEVER = new Promise<void>(() => {})

/**
 * A store that is cut off right after its `last` write: what is written later never arrives, and nobody is told
 * of the last write either. What is there can be taken up by the next process.
 */
export function mortalStore(store: Store, last: number): MortalStore {
  const recorded = new Set<string>()
  const { promise: dead, resolve: die } = Promise.withResolvers<void>()
  let writes = 0
  const cutOff = (journal: Journal): Journal => {
    const write = (perform: () => Promise<void> | undefined): Promise<void> | undefined => {
      writes++
      if (writes > last) return NEVER
      const done = perform()
      if (writes < last) return done
      void Promise.resolve(done)
        .then(() => journal.close())
        .then(die)
      return NEVER
    }
    return {
      begun: () => journal.begun(),
      find: (call) => journal.find(call),
      under: (prefix) => journal.under(prefix),
      notes: (kind) => journal.notes(kind),
      commit: (record) =>
        write(() => {
          recorded.add(record.key)
          return journal.commit(record)
        }),
      note: (note) => write(() => journal.note(note)),
      supersede: () => {
        journal.supersede()
      },
      tell: () => {},
      onLost: (listener) => {
        journal.onLost(listener)
      },
      close: () => NEVER,
    }
  }
  const open: Store['open'] = async (run, head, notes) => {
    const journal = await store.open(run, head, notes)
    // A run begins together with its input.
    writes++
    if (writes < last) return cutOff(journal)
    await journal.close()
    die()
    return new Promise(() => {})
  }
  return { dead, recorded, store: { ...keptOpen(store), open } }
}

/** The store, which outlives its client. */
export function keptOpen(store: Store): Store {
  return {
    runs: store.runs,
    cache: store.cache,
    read: (run) => store.read(run),
    queue: (name) => store.queue(name),
    transaction: (work) => store.transaction(work),
    open: (run, head, notes) => store.open(run, head, notes),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}
