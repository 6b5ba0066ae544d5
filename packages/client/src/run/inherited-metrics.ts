import { isRecord } from '../guards.ts'
import { shortened } from './lineage.ts'
import type { JournalReader, Note } from '../store/store.ts'

/** What calls of the run that this one does again have noted: it comes along with the answers that are taken. */
export class InheritedMetrics {
  /** By the keys of the calls, and of those that they were asked in. */
  readonly #byCall = new Map<string, Note[]>()

  /** Throws `STORE_FAILED` where the notes are damaged. */
  constructor(parent: JournalReader | undefined) {
    for (const note of parent?.notes('metric') ?? []) this.#add(note)
  }

  /** What that call noted, and whatever it asked. */
  of({ key, step }: { readonly key: string; readonly step: string }): readonly Note[] {
    const keys = new Set([key, shortened(key)])
    const notes = Array.from(keys).flatMap((name) => this.#byCall.get(name) ?? [])
    return notes.filter(({ value }) => {
      const noted = isRecord(value) ? String(value['step']) : ''
      return noted === step || noted.startsWith(`${step}/`)
    })
  }

  #add(note: Note): void {
    const key = isRecord(note.value) ? String(note.value['key']) : ''
    for (let end = key.length; end > 0; end = key.lastIndexOf('>', end - 1)) {
      const call = key.slice(0, end)
      const notes = this.#byCall.get(call)
      if (notes) notes.push(note)
      else this.#byCall.set(call, [note])
    }
  }
}
