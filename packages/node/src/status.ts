import type { LentModel } from './catalogue.ts'

/** A model as its node sees it. */
export interface ModelStatus {
  readonly name: string
  readonly engine: string
  readonly slots: number
  readonly contextLength: number
  readonly tokensPerSecond?: number
  readonly demonstration?: boolean
}

/** A client that is connected. */
export interface ClientStatus {
  readonly peer: string
  readonly name: string
  readonly running: number
  readonly waiting: number
}

/** A node at one moment, for people. */
export interface NodeStatus {
  readonly peer: string
  readonly name: string
  readonly addresses: readonly string[]
  readonly draining: boolean
  readonly running: number
  readonly waiting: number
  readonly done: number
  readonly failed: number
  /** Results that clients have not confirmed. */
  readonly unconfirmed: number
  readonly models: readonly ModelStatus[]
  readonly clients: readonly ClientStatus[]
  /** What is wrong with engines. */
  readonly problems: readonly string[]
}

/** A lent model, for people. */
export function toStatus({ info, engine, speed }: LentModel): ModelStatus {
  const { name, slots, contextLength, demonstration } = info
  const { tokensPerSecond } = speed
  return {
    name,
    engine: engine.id,
    slots,
    contextLength,
    ...(tokensPerSecond === undefined ? {} : { tokensPerSecond }),
    ...(demonstration === undefined ? {} : { demonstration }),
  }
}
