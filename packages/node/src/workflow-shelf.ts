import { LIMITS } from '@skein/protocol'
import {
  canonicalJson,
  parseWorkflow,
  sha256,
  WorkflowError,
  type WorkflowDocument,
} from '@skein/workflows'

/** Characters of all documents that one client may have here. */
const MOST_CHARS = 64 * 1024 * 1024

interface Entry {
  /** Or what is wrong with it. */
  readonly document: WorkflowDocument | string
  readonly chars: number
}

/** The workflows that one client defined in its session, checked once each: the latest, as many as the limit says. */
export class WorkflowShelf {
  /** The one that was defined first comes first. */
  readonly #entries = new Map<string, Entry>()
  readonly #mostChars: number
  #chars = 0

  constructor(mostChars = MOST_CHARS) {
    this.#mostChars = mostChars
  }

  /** Never throws: what is wrong is told to the first task that names it. */
  define(id: string, json: unknown): void {
    if (this.#entries.has(id)) return
    if (this.#entries.size >= LIMITS.workflows) this.#forgetFirst()
    this.#entries.set(id, this.#read(id, json))
  }

  /** The document, or what is wrong with it. */
  find(id: string): WorkflowDocument | string {
    return (
      this.#entries.get(id)?.document ?? 'this node does not know the workflow: define it first'
    )
  }

  /** The client does the same: it knows which ones it has to define again. */
  #forgetFirst(): void {
    for (const [id, { chars }] of this.#entries) {
      this.#entries.delete(id)
      this.#chars -= chars
      return
    }
  }

  #read(id: string, json: unknown): Entry {
    try {
      const document = parseWorkflow(json)
      const text = canonicalJson(document)
      if (sha256(text) !== id)
        return wrong('the workflow does not have the id that it is sent under')
      if (this.#chars + text.length > this.#mostChars) {
        return wrong('your workflows take too much memory here')
      }
      this.#chars += text.length
      return { document, chars: text.length }
    } catch (error) {
      return wrong(error instanceof WorkflowError ? error.message : 'the workflow cannot be read')
    }
  }
}

function wrong(document: string): Entry {
  return { document, chars: 0 }
}
