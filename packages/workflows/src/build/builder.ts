import type { z } from 'zod'
import type { Body, END, Input, PostProcess } from '../document/document.ts'
import {
  bodyOf,
  documentOf,
  emptyDraft,
  keysSeen,
  withEdge,
  withLimits,
  withReturns,
  withStep,
  withTool,
  type Draft,
} from './draft.ts'
import { WorkflowError } from '../errors.ts'
import type { InferShape, Merge, OutputTo, Shape, Stored } from './memory-types.ts'
import type {
  BuildOptions,
  EdgeOptions,
  FreshId,
  GenerativeOptions,
  ItemOf,
  ListKey,
  MapOptions,
  Operation,
  OwnOutput,
  PromptOf,
  ResultOf,
  SearchOptions,
  StepOptions,
  SwitchOptions,
  ToolOptions,
} from './step-options.ts'
import { workflowOf, type Workflow } from '../document/workflow.ts'

/** Something whose return value is known: a builder after `setReturnValue`. */
interface Returning {
  readonly '~return'?: unknown
}

type Making<S extends Shape, Mem> = (branch: WorkflowBuilder<S, Mem>) => Returning

type ReturnOf<B> = B extends { readonly '~return'?: infer R } ? R : never

/**
 * Builds a workflow. Every call returns a new builder with what it learnt in its type: chain them.
 *
 * `Mem` is what memory holds so far, `Ids` the steps, `Ret` the return value.
 */
export class WorkflowBuilder<
  const S extends Shape,
  Mem = InferShape<S>,
  Ids extends string = never,
  Ret = never,
> {
  /** Types only; never there. */
  declare readonly '~return'?: Ret
  readonly #draft: Draft

  constructor(name: string, input: S)
  constructor(name: string, input: S, draft: Draft = emptyDraft(name, input)) {
    this.#draft = draft
  }

  /** A model answers a prompt. Without `outputs` the answer is written under the step's id. */
  generativeStep<
    const Id extends string,
    const P extends string,
    V = string,
    const Os extends readonly OutputTo[] = OwnOutput<Id>,
    const Names extends string = never,
    const Op extends Operation = 'generation',
    const Optional extends boolean = false,
  >(
    step: GenerativeOptions<Mem> & {
      readonly id: FreshId<Id, Ids>
      /** @default 'generation' */
      readonly operator?: Op
      /** What the answer must match. Travels as JSON Schema. */
      readonly schema?: z.ZodType<V>
      readonly outputs?: Os
      /** Names for the prompt besides those of memory. */
      readonly inputs?: Readonly<Record<Names, Input>>
      /** A failure leaves what it writes absent instead of failing the workflow. */
      readonly optional?: Optional
    } & PromptOf<P, (keyof Mem & string) | Names>,
  ): WorkflowBuilder<S, Stored<Mem, Os, ResultOf<V, Op, Optional>>, Ids | Id, Ret> {
    return this.#step({ operator: 'generation', ...step })
  }

  /** The web is searched. The result is what the node's search gives. */
  searchStep<
    const Id extends string,
    const P extends string,
    const Os extends readonly OutputTo[] = OwnOutput<Id>,
  >(
    step: SearchOptions<Mem> & {
      readonly id: FreshId<Id, Ids>
      readonly query: PromptOf<P, keyof Mem & string>['prompt']
      readonly outputs?: Os
    },
  ): WorkflowBuilder<S, Stored<Mem, Os, unknown>, Ids | Id, Ret> {
    return this.#step({ operator: 'search', ...step })
  }

  /** One item of a list is drawn, the same for the same seed. */
  sampleStep<const Id extends string, const K extends ListKey<Mem>>(
    step: StepOptions<Mem> & {
      readonly id: FreshId<Id, Ids>
      /** The key of the list. */
      readonly from: K
    },
  ): WorkflowBuilder<S, Merge<Mem, { [P in Id]: ItemOf<Mem, K> }>, Ids | Id, Ret> {
    return this.#step({ ...step, operator: 'sample', from: { [step.from]: step.from } })
  }

  /** Branches run side by side on what memory holds now; each one's return value is written under its name. */
  parallelStep<const Id extends string, const B extends Readonly<Record<string, Returning>>>(
    step: StepOptions<Mem> & {
      readonly id: FreshId<Id, Ids>
      readonly branches: { readonly [K in keyof B]: (branch: WorkflowBuilder<S, Mem>) => B[K] }
    },
  ): WorkflowBuilder<S, Merge<Mem, { [K in keyof B]: ReturnOf<B[K]> }>, Ids | Id, Ret> {
    const branches: Record<string, Body> = {}
    for (const [name, make] of Object.entries<Making<S, Mem>>(step.branches)) {
      branches[name] = this.#inside(name, [], make)
    }
    return this.#step({ ...step, operator: 'parallel', branches })
  }

  /** The body runs once for each item of a list; the result is the list of what it returns. */
  mapStep<
    const Id extends string,
    const K extends ListKey<Mem>,
    const Item extends string,
    const B extends Returning,
    const Index extends string = never,
  >(
    step: StepOptions<Mem> & MapOptions<FreshId<Id, Ids>, K, Item, Index>,
    body: (
      item: WorkflowBuilder<
        S,
        Merge<Mem, { [P in Item]: ItemOf<Mem, K> } & { [P in Index]: number }>
      >,
    ) => B,
  ): WorkflowBuilder<S, Merge<Mem, { [P in Id]: ReturnOf<B>[] }>, Ids | Id, Ret> {
    const names = step.indexAs === undefined ? [step.as] : [step.as, step.indexAs]
    return this.#step({ ...step, operator: 'map', body: this.#inside('body', names, body) })
  }

  /** A way from one step to another. Without any, a step goes to the next in order, the last to the end. */
  edge(from: Ids, to: Ids | typeof END, options: EdgeOptions<Mem, Ids> = {}): this {
    return this.#next(withEdge(this.#draft, { ...options, from, to }))
  }

  /** Goes on where the value of a key says, or otherwise elsewhere. */
  switch(from: Ids, on: keyof Mem & string, { cases, otherwise }: SwitchOptions<Ids>): this {
    const draft = Object.entries(cases).reduce(
      (before, [expected, to]) =>
        withEdge(before, { from, to, if: { input: on, expression: 'Equal', expected } }),
      this.#draft,
    )
    return this.#next(withEdge(draft, { from, to: otherwise }))
  }

  /** A tool that models may call: a definition, or the name under which nodes have it (`ALL`: all they allow). */
  addTool(tool: string | ToolOptions): this {
    return this.#next(withTool(this.#draft, tool))
  }

  /** What the workflow gives back: one key's value, or an object of several. */
  setReturnValue<const K extends keyof Mem & string>(key: K): WorkflowBuilder<S, Mem, Ids, Mem[K]>
  setReturnValue<const K extends readonly [keyof Mem & string, ...(keyof Mem & string)[]]>(
    ...keys: K
  ): WorkflowBuilder<S, Mem, Ids, Pick<Mem, K[number]>>
  setReturnValue(...keys: readonly string[]): unknown {
    const [only] = keys
    const returns = keys.length === 1 && only !== undefined ? only : [...keys]
    return this.#next({ ...this.#draft, returns })
  }

  /** The return value as JSON text. What is JSON text already is not encoded twice. */
  returnJson(): WorkflowBuilder<S, Mem, Ids, string> {
    return this.#next(withReturns(this.#draft, { json: true }))
  }

  /** What is done to the returned text, in order. */
  postProcess(...process: readonly PostProcess[]): WorkflowBuilder<S, Mem, Ids, string> {
    return this.#next(withReturns(this.#draft, { process }))
  }

  /** Steps run at most; finishing on the last is success. @default 50 */
  setMaxSteps(maxSteps: number): this {
    return this.#next(withLimits(this.#draft, { maxSteps }))
  }

  /** Milliseconds from the first step; a running generation is aborted. */
  setMaxTime(maxTimeMs: number): this {
    return this.#next(withLimits(this.#draft, { maxTimeMs }))
  }

  /** Tokens of one answer at most. */
  setMaxTokens(maxTokens: number): this {
    return this.#next(withLimits(this.#draft, { maxTokens }))
  }

  /**
   * Checks everything and makes the workflow.
   *
   * @throws {WorkflowError} naming the culprit
   */
  build(options: BuildOptions = {}): Workflow<InferShape<S>, Ret> {
    return workflowOf(documentOf(this.#draft, options))
  }

  #step(step: object): never {
    return this.#next(withStep(this.#draft, { ...step }))
  }

  /** What a branch or the body of a map comes to, as `make` builds it. */
  #inside(name: string, names: readonly string[], make: (inner: never) => Returning): Body {
    const outer = [...keysSeen(this.#draft), ...names]
    const made = make(this.#next({ ...emptyDraft(name, {}), outer }))
    if (made instanceof WorkflowBuilder) return bodyOf(made.#draft)
    throw new WorkflowError(
      'INVALID_DOCUMENT',
      `'${name}' must return the builder it was given, with its steps`,
    )
  }

  /**
   * The next builder. What its type has learnt stands in the signature of the caller, where no check could find it:
   * to the compiler it is whatever the caller says.
   */
  #next(draft: Draft): never {
    const made = new DraftBuilder(draft.name, draft.shape, draft)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as said above
    return made as never
  }
}

/** The constructor with the draft, which is nobody's business outside. */
const DraftBuilder: new (name: string, shape: Shape, draft: Draft) => unknown = WorkflowBuilder
