import { insistOnKnown } from '../known-options.ts'
import type { Network } from '../network/network.ts'
import type { Store } from '../store/store.ts'
import type { Route } from './local-step.ts'

/** Where runs happen: who does the work, what keeps it, where values of a kind go. */
export interface Stack {
  /** The nodes that a client talks to: of its `stack`. */
  readonly network?: Network
  /** Keeps what runs have done. */
  readonly store?: Store
  /** Where values of a kind are put, by the id of their schema. */
  readonly routes?: Readonly<Record<string, Route>>
}

const PARTS: readonly (keyof Stack)[] = ['network', 'store', 'routes']

/**
 * What a run's own stack takes the place of.
 *
 * @throws {ClientError} `INVALID_INPUT` naming the part
 */
export function stackOf(usual: Required<Stack>, own: Stack | undefined): Required<Stack> {
  if (own === undefined) return usual
  insistOnKnown('a stack', own, PARTS)
  const { network = usual.network, store = usual.store, routes = usual.routes } = own
  return { network, store, routes }
}
