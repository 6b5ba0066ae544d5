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

/** The workflows that one client defined in its session, checked once each. */
export class WorkflowShelf {
  readonly #documents = new Map<string, WorkflowDocument | string>()
  readonly #mostChars: number
  #chars = 0

  constructor(mostChars = MOST_CHARS) {
    this.#mostChars = mostChars
  }

  /** Never throws: what is wrong is told to the first task that names it. */
  define(id: string, json: unknown): void {
    if (this.#documents.has(id) || this.#documents.size >= LIMITS.workflows) return
    this.#documents.set(id, this.#read(id, json))
  }

  /** The document, or what is wrong with it. */
  find(id: string): WorkflowDocument | string {
    return (
      this.#documents.get(id) ??
      'this node does not know the workflow: define it first, or use fewer in one session'
    )
  }

  #read(id: string, json: unknown): WorkflowDocument | string {
    try {
      const document = parseWorkflow(json)
      const text = canonicalJson(document)
      if (sha256(text) !== id) return 'the workflow does not have the id that it is sent under'
      this.#chars += text.length
      return this.#chars > this.#mostChars ? 'your workflows take too much memory here' : document
    } catch (error) {
      return error instanceof WorkflowError ? error.message : 'the workflow cannot be read'
    }
  }
}
