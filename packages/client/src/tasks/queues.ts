import { ClientError } from '../errors.ts'
import type { Queue, Transaction } from '../store/queue.ts'
import { checkQueue } from '../store/queue-options.ts'
import type { Store } from '../store/store.ts'

/** Whose queues. */
export interface QueueOptions {
  /** Queues of other projects are others, whatever their names. @default 'default' */
  readonly project?: string
}

const DEFAULT_PROJECT = 'default'

/** Work that waits in a store, for any process, by project. */
export class Queues {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  /** The queue of that name; it is there as soon as something is put into it. */
  of<T = unknown>(name: string, options: QueueOptions = {}): Queue<T> {
    checkQueue('queues.of()', options)
    return this.#store.queue<T>(nameIn(options, name))
  }

  /** Changes several queues of a project together: all of it, or nothing if `work` throws. */
  transaction<T>(work: (transaction: Transaction) => T, options: QueueOptions = {}): T {
    checkQueue('queues.transaction()', options)
    return this.#store.transaction((transaction) =>
      work({ queue: (name) => transaction.queue(nameIn(options, name)) }),
    )
  }
}

/** Those of the default project have the names that the store itself knows. */
function nameIn({ project = DEFAULT_PROJECT }: QueueOptions, name: string): string {
  if (typeof name !== 'string' || !/^.+$/u.test(name) || !name.isWellFormed()) {
    throw new ClientError('INVALID_INPUT', 'a queue needs a name of one line')
  }
  return project === DEFAULT_PROJECT ? name : `${project}\n${name}`
}
