import type { Journal } from '../src/store/store.ts'

/** A journal that holds nothing and commits as it is told. */
export function fakeJournal(commit: Journal['commit']): Journal {
  return {
    begun: () => undefined,
    find: () => undefined,
    under: () => [],
    notes: () => [],
    commit,
    note: () => undefined,
    supersede: () => {},
    tell: () => {},
    onLost: () => {},
    close: () => Promise.resolve(),
  }
}
