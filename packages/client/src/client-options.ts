import type { Clock, Transport } from '@skein/protocol'
import { ClientError } from './errors.ts'
import { isFunction, isRecord } from './guards.ts'
import { insistOnKnown } from './known-options.ts'
import type { ConnectOptions } from './network/membership.ts'
import type { Route } from './run/local-step.ts'
import type { ModelGroups } from './scheduler/model-groups.ts'
import type { Store } from './store/store.ts'

/** What a client is made of. */
export interface ClientOptions {
  /** How nodes are reached. The client ends it when it is closed. */
  readonly transport: Transport
  /** Where nodes are; tried for ever. */
  readonly addresses?: readonly string[]
  /** Name of this program, for the people of the nodes. @default 'client' */
  readonly name?: string
  /** Keeps what runs have done. @default in memory */
  readonly store?: Store
  /** Where values of a kind are put, by the id of their schema: `schema.meta({ id: 'Model' })`. @default nowhere */
  readonly routes?: Readonly<Record<string, Route>>
  /** Names that stand for lists of models, best first: `{ fast: ['llama3.2:1b', 'qwen2.5:1.5b'] }`. @default none */
  readonly modelGroups?: ModelGroups
  readonly clock?: Clock
  /** From 0 to 1. @default Math.random */
  readonly random?: () => number
  /** How long a task waits when the last node that could do it is gone, and how long a new client looks for its first. @default 8000 */
  readonly graceMs?: number
  /** Addresses of each node nearby; asked again and again. */
  readonly neighbours?: () => Promise<readonly (readonly string[])[]>
}

const KNOWN: readonly (keyof ClientOptions)[] = [
  'transport',
  'addresses',
  'name',
  'store',
  'routes',
  'modelGroups',
  'clock',
  'random',
  'graceMs',
  'neighbours',
]

/**
 * Checks what a caller wrote.
 *
 * @throws {ClientError} `INVALID_INPUT` naming the option
 */
export function checkClientOptions(options: ClientOptions): void {
  insistOnKnown('a client', options, KNOWN)
  const { transport, store }: Readonly<Record<string, unknown>> = { ...options }
  if (!isRecord(transport)) {
    throw invalid('a client needs a transport; Client.connect() finds one by itself')
  }
  if (store !== undefined && !(isRecord(store) && isFunction(store['open']))) {
    throw invalid("store of a client must be a store: createSqliteStore('runs.db')")
  }
}

const CONNECT_KNOWN: readonly (keyof ConnectOptions)[] = [
  'addresses',
  'home',
  'mdns',
  'store',
  'name',
  'patienceMs',
]

/**
 * Checks what a caller wrote.
 *
 * @throws {ClientError} `INVALID_INPUT` naming the option
 */
export function checkConnectOptions(options: ConnectOptions): void {
  insistOnKnown('Client.connect()', options, CONNECT_KNOWN)
  const { store }: Readonly<Record<string, unknown>> = { ...options }
  if (store === undefined || typeof store === 'string') return
  throw invalid(
    'store of Client.connect() must be the path of a file; createClient() takes a store',
  )
}

function invalid(message: string): ClientError {
  return new ClientError('INVALID_INPUT', message)
}
