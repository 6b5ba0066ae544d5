import { LinkedQueue, type Linked } from '@skein/protocol'

interface Listener extends Linked<Listener> {
  readonly call: () => void
}

/**
 * A node of the tree of cancellations: a run, a branch of it, a try. The same as an AbortSignal, which it
 * gives to whoever asks for one, but made for thousands of listeners that come and go.
 */
export class Cancellation {
  #listeners: LinkedQueue<Listener> | undefined
  #controller: AbortController | undefined
  #reason: Error | undefined

  get reason(): Error | undefined {
    return this.#reason
  }

  get isCancelled(): boolean {
    return this.#reason !== undefined
  }

  /** Made when it is first asked for. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.#reason) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }

  /** Cancels everything below, once. */
  cancel(reason: Error): void {
    if (this.#reason) return
    this.#reason = reason
    this.#controller?.abort(reason)
    const listeners = this.#listeners
    this.#listeners = undefined
    for (const { call } of listeners ?? []) call()
  }

  /** Calls back when it is cancelled, at once if it is already. The returned function ends that. */
  listen(call: () => void): () => void {
    if (this.#reason) {
      call()
      return () => {}
    }
    const listener: Listener = { call, before: undefined, behind: undefined }
    this.#listeners ??= new LinkedQueue()
    this.#listeners.push(listener)
    return () => {
      this.#listeners?.remove(listener)
    }
  }

  /** A part that can be cancelled by itself. `leave` takes it out of the tree. */
  branch(): { readonly cancellation: Cancellation; readonly leave: () => void } {
    const cancellation = new Cancellation()
    const leave = this.listen(() => {
      if (this.#reason) cancellation.cancel(this.#reason)
    })
    return { cancellation, leave }
  }
}
