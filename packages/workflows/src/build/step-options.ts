import type { z } from 'zod'
import type { Condition, END, Input, ToolDefinition } from '../document/document.ts'
import type { OutputTo, References } from './memory-types.ts'
import type { Message, Sampling, ToolCall } from '../needs.ts'
import type { CheckPrompt } from './prompt-variables.ts'

/** What an operator is called. */
export type Operation = 'generation' | 'function_calling' | 'function_calling_raw'

/** A condition, or a function that makes one of memory. */
export type When<Mem> = Condition | ((memory: References<Mem>) => Condition)

/** What every step may say. */
export interface StepOptions<Mem> {
  readonly title?: string
  readonly description?: string
  /** Run only when this holds; else what it writes stays absent, and steps that need it are skipped. */
  readonly when?: When<Mem>
  /** How often it is tried again. @default 2 for unusable answers, 0 for failures */
  readonly retry?: number
}

/** What a generative step may say besides. */
export interface GenerativeOptions<Mem> extends StepOptions<Mem> {
  readonly system?: string
  /** The conversation before the prompt. */
  readonly messages?: readonly Message[]
  /** Pictures for the prompt: keys of memory that hold base64 texts, or lists of them. */
  readonly images?: readonly (Input & (string | object))[]
  /** A model, or several, best first. @default those of the task */
  readonly model?: string | readonly string[]
  readonly temperature?: number
  readonly sampling?: Sampling
  /** Most tokens of the answer. */
  readonly maxTokens?: number
  /** Longest time of each question to a model. */
  readonly timeoutMs?: number
  /** Tools it may call, by name. @default all of the workflow */
  readonly tools?: readonly string[]
  /** How often it may call tools before it must answer. @default 8 */
  readonly rounds?: number
}

/** A prompt as `prompt`, or in Dria's spelling as `path`: inline text, or the path of an `.md` file. */
export type PromptOf<P extends string, Known extends string> =
  | { readonly prompt: P & CheckPrompt<P, Known>; readonly path?: never }
  | { readonly path: P & CheckPrompt<P, Known>; readonly prompt?: never }

/** An id that no step before has. */
export type FreshId<Id extends string, Ids extends string> = Id extends Ids
  ? { readonly error: `step '${Id}' already exists` }
  : Id

/** What a generative step gives: text, what its schema says, or calls; perhaps nothing. */
export type ResultOf<V, Op, Absent> =
  | (Op extends 'function_calling_raw' ? ToolCall[] : V)
  | (true extends Absent ? undefined : never)

export interface EdgeOptions<Mem, Ids> {
  /** Taken only when this holds. */
  readonly if?: When<Mem>
  /** Taken when it does not hold; absent: the next edge of the step is tried. */
  readonly else?: Ids | typeof END
  /** Taken when the step fails. */
  readonly fallback?: Ids | typeof END
}

export interface SwitchOptions<Ids> {
  /** Where to go for each value. */
  readonly cases: Readonly<Record<string, Ids | typeof END>>
  /** Where to go for any other. */
  readonly otherwise: Ids | typeof END
}

/** A step that runs its body for each item of a list. */
export interface MapOptions<Id, Over, Item extends string, Index extends string> {
  readonly id: Id
  /** The key of the list. */
  readonly over: Over
  /** The item's name inside. */
  readonly as: Item
  /** The name of its index, from 0. */
  readonly indexAs?: Index
  /** Items under way at once. @default 16 */
  readonly concurrency?: number
}

export interface SearchOptions<Mem> extends StepOptions<Mem> {
  /** @default 'search' */
  readonly type?: 'search' | 'news' | 'scholar'
  /** @default 'en' */
  readonly language?: string
  /** @default 5 */
  readonly count?: number
  /** Longest time of the search. A node may wait less: what its owner says holds, 300 s as a rule. */
  readonly timeoutMs?: number
}

export interface BuildOptions {
  /** Reads a prompt file. Without it a `path` that ends in `.md` cannot be built: this package reads no files. */
  readonly readText?: (path: string) => string
}

/** A tool for `addTool`: with a schema of its arguments in Zod or JSON Schema. */
export interface ToolOptions extends Omit<ToolDefinition, 'parameters'> {
  readonly parameters?: z.ZodType
}

/** The keys of memory that hold lists. */
export type ListKey<Mem> = {
  [K in keyof Mem]: NonNullable<Mem[K]> extends readonly unknown[] ? K : never
}[keyof Mem] &
  string

/** What the list under a key holds. */
export type ItemOf<Mem, K extends keyof Mem> =
  NonNullable<Mem[K]> extends readonly (infer Item)[] ? Item : never

/** Outputs of a step that says nothing of them. */
export type OwnOutput<Id extends string> = readonly [OutputTo<Id, 'write'>]
