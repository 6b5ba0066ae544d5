import type { AnswerReader } from '../answers/answer.ts'
import type { Condition, END, Input, Output, SearchStep } from '../document/document.ts'
import type { Check } from '../schema/mismatch.ts'
import type { HttpRequest, Message, Sampling, ToolSpec } from '../needs.ts'
import type { ReturnPlan } from '../interpret/returns.ts'
import type { Template } from '../template.ts'

/** A document made ready to run: ids are references, prompts and schemas are compiled. */
export interface Program {
  readonly name: string
  readonly body: BodyPlan
  readonly inputs: ReadonlyMap<string, InputPlan>
  readonly memory: Readonly<Record<string, unknown>>
  readonly maxSteps: number
  readonly maxTokens: number | undefined
}

export interface InputPlan {
  readonly optional: boolean
  readonly check: Check
}

/** Steps with their ways, and what comes of them. */
export interface BodyPlan {
  readonly start: Station
  readonly stations: readonly Station[]
  readonly returns: ReturnPlan
}

/** A step with all that running it takes. */
export interface Station {
  readonly id: string
  readonly inputs: readonly (readonly [string, Input])[]
  /** Names of memory without which it cannot run. */
  readonly required: readonly string[]
  readonly when: Condition | undefined
  readonly optional: boolean
  /** How often it is tried again when what it asks for fails. */
  readonly retries: number
  readonly plan: Plan
  readonly outputs: readonly Output[]
  /** Filled after all stations are made: edges lead anywhere. */
  readonly ways: Way[]
  fallback: Place | undefined
}

/** Where a step leads: another step, or the end. */
export type Place = Station | typeof END

export interface Way {
  readonly condition: Condition | undefined
  readonly to: Place
  readonly otherwise: Place | undefined
}

/** What a step does. */
export type Plan = AskPlan | SearchPlan | SamplePlan | ParallelPlan | MapPlan

export interface AskPlan {
  readonly kind: 'ask'
  /** Text comes back; or tools are called; or the calls themselves come back. */
  readonly mode: 'text' | 'tools' | 'calls'
  readonly messages: readonly MessagePlan[]
  readonly reader: AnswerReader
  /** Questions after unusable answers, the first one included. */
  readonly attempts: number
  readonly rounds: number
  readonly tools: ReadonlyMap<string, ToolPlan>
  /** Tools that the node provides: any, or these. */
  readonly nodeTools: readonly string[]
  readonly models: readonly string[] | undefined
  readonly sampling: Sampling | undefined
  readonly maxTokens: number | undefined
  readonly timeoutMs: number | undefined
}

export interface MessagePlan {
  readonly role: Message['role']
  readonly content: Template
  readonly images: readonly Input[]
}

export interface ToolPlan {
  readonly spec: ToolSpec
  readonly check: Check
  readonly http: HttpPlan | undefined
}

export interface HttpPlan {
  readonly method: HttpRequest['method']
  readonly url: Template
  readonly headers: readonly (readonly [string, Template])[]
  readonly body: Readonly<Record<string, unknown>> | undefined
}

export interface SearchPlan {
  readonly kind: 'search'
  readonly query: Template
  readonly type: NonNullable<SearchStep['type']>
  readonly language: string
  readonly count: number
  readonly timeoutMs: number | undefined
}

export interface SamplePlan {
  readonly kind: 'sample'
  readonly sources: readonly {
    readonly name: string
    readonly input: Input
    readonly named: boolean
  }[]
  readonly prompt: Template | undefined
}

export interface ParallelPlan {
  readonly kind: 'parallel'
  readonly branches: readonly { readonly name: string; readonly body: BodyPlan }[]
  /** Whether each branch's value goes under its name. */
  readonly spread: boolean
}

export interface MapPlan {
  readonly kind: 'map'
  readonly over: Input
  readonly item: string
  readonly index: string | undefined
  readonly concurrency: number
  readonly body: BodyPlan
}
