import { z } from 'zod'
import {
  END,
  type Condition,
  type Edge,
  type Input,
  type PostProcess,
  type Returns,
  type Step,
  type WorkflowDocument,
} from './document.ts'
import { WorkflowError } from './errors.ts'
import type { InferShape, OutputTo, References, Shape, Stored } from './memory-types.ts'
import type { Message, Sampling } from './needs.ts'
import { parseWorkflow } from './parse.ts'
import { outputsOf } from './program.ts'
import type { CheckPrompt } from './prompt-variables.ts'
import { referencesTo } from './references.ts'
import { toJsonSchema } from './travel.ts'
import { workflowOf, type Workflow } from './workflow.ts'

/** What a generative step may say besides its id and prompt. */
export interface StepOptions {
  readonly description?: string
  /** @default 'generation' */
  readonly operator?: 'generation' | 'function_calling' | 'function_calling_raw'
  readonly system?: string
  /** The conversation before the prompt. */
  readonly messages?: readonly Message[]
  /** Pictures for the prompt: base64, or `{{key}}`. */
  readonly images?: readonly string[]
  /** A model, or several, best first. @default those of the task */
  readonly model?: string | readonly string[]
  readonly temperature?: number
  readonly sampling?: Sampling
  /** Most tokens of the answer. */
  readonly maxTokens?: number
  /** How often the model is asked again after an answer that cannot be used. @default 2 */
  readonly retry?: number
  readonly timeoutMs?: number
}

/** A prompt as `prompt`, or in Dria's spelling as `path`: inline text, or the path of an `.md` file. */
type PromptOf<P extends string, Known extends string> =
  | { readonly prompt: P & CheckPrompt<P, Known>; readonly path?: never }
  | { readonly path: P & CheckPrompt<P, Known>; readonly prompt?: never }

interface EdgeOptions<Mem, Ids> {
  /** Taken only when this holds. */
  readonly if?: Condition | ((memory: References<Mem>) => Condition)
  /** Taken when it does not hold; absent: the next edge of the step is tried. */
  readonly else?: Ids | typeof END
  /** Taken when the step fails. */
  readonly fallback?: Ids | typeof END
}

export interface BuildOptions {
  /** Reads a prompt file. Without it a `path` that ends in `.md` cannot be built: this package reads no files. */
  readonly readText?: (path: string) => string
}

interface Parts {
  readonly name: string
  readonly shape: Shape
  readonly steps: readonly Step[]
  readonly files: readonly { readonly step: string; readonly path: string }[]
  readonly edges: readonly Edge[]
  readonly returns: Returns | undefined
  readonly limits: WorkflowDocument['limits']
}

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
  readonly #parts: Parts

  constructor(name: string, input: S)
  constructor(name: string, input: S, parts?: Parts) {
    this.#parts = parts ?? {
      name,
      shape: input,
      steps: [],
      files: [],
      edges: [],
      returns: undefined,
      limits: undefined,
    }
  }

  /** A model answers a prompt. Without `outputs` the answer is written under the step's id. */
  generativeStep<
    const Id extends string,
    const P extends string,
    V = string,
    const Os extends readonly OutputTo[] = readonly [OutputTo<Id, 'write'>],
    const Ins extends Readonly<Record<string, Input>> = Record<never, never>,
  >(
    step: StepOptions & {
      readonly id: Id extends Ids ? { error: `step '${Id}' already exists` } : Id
      readonly schema?: z.ZodType<V>
      readonly outputs?: Os
      /** Names for the prompt besides those of memory. */
      readonly inputs?: Ins
    } & PromptOf<P, (keyof Mem | keyof Ins) & string>,
  ): WorkflowBuilder<S, Stored<Mem, Os, V>, Ids | Id, Ret> {
    const { prompt, path } = step as { readonly prompt?: string; readonly path?: string }
    const id = step.id as string
    const text = prompt ?? path
    const file = prompt === undefined && path !== undefined && isFile(path)
    return this.#with({
      steps: [...this.#parts.steps, generative(step, { id, prompt: text })],
      files: file ? [...this.#parts.files, { step: id, path }] : this.#parts.files,
    })
  }

  /** A way from one step to another. Without any, a step goes to the next in order, the last to the end. */
  edge(from: Ids, to: Ids | typeof END, options: EdgeOptions<Mem, Ids> = {}): this {
    const { if: condition, else: otherwise, fallback } = options
    const edge: Edge = {
      from,
      to,
      ...(condition === undefined ? {} : { if: this.#condition(condition) }),
      ...(otherwise === undefined ? {} : { else: otherwise }),
      ...(fallback === undefined ? {} : { fallback }),
    }
    return this.#with({ edges: [...this.#parts.edges, edge] })
  }

  /** What the workflow gives back: one key's value, or an object of several. */
  setReturnValue<const K extends keyof Mem & string>(key: K): WorkflowBuilder<S, Mem, Ids, Mem[K]>
  setReturnValue<const K extends readonly [keyof Mem & string, ...(keyof Mem & string)[]]>(
    ...keys: K
  ): WorkflowBuilder<S, Mem, Ids, Pick<Mem, K[number]>>
  setReturnValue(...keys: readonly string[]): unknown {
    const [only] = keys
    return this.#with({ returns: keys.length === 1 && only !== undefined ? only : [...keys] })
  }

  /** The return value as JSON text. What is JSON text already is not encoded twice. */
  returnJson(): WorkflowBuilder<S, Mem, Ids, string> {
    return this.#with({ returns: { ...this.#longReturns('returnJson'), json: true } })
  }

  /** What is done to the returned text, in order. */
  postProcess(...process: readonly PostProcess[]): WorkflowBuilder<S, Mem, Ids, string> {
    const returns = this.#longReturns('postProcess')
    return this.#with({
      returns: { ...returns, process: [...(returns.process ?? []), ...process] },
    })
  }

  /** Steps run at most; finishing on the last is success. */
  setMaxSteps(maxSteps: number): this {
    return this.#with({ limits: { ...this.#parts.limits, maxSteps } })
  }

  /** Milliseconds from the first step; a running generation is aborted. */
  setMaxTime(maxTimeMs: number): this {
    return this.#with({ limits: { ...this.#parts.limits, maxTimeMs } })
  }

  /** Tokens of one answer at most. */
  setMaxTokens(maxTokens: number): this {
    return this.#with({ limits: { ...this.#parts.limits, maxTokens } })
  }

  /**
   * Checks everything and makes the workflow.
   *
   * @throws {WorkflowError} naming the culprit
   */
  build(options: BuildOptions = {}): Workflow<InferShape<S>, Ret> {
    const { name, edges, returns, limits } = this.#parts
    const steps = this.#readFiles(options)
    if (steps.length === 0) {
      throw invalid(
        `the workflow '${name}' has no step: each call returns a new builder, so chain them`,
      )
    }
    if (returns === undefined) {
      throw invalid(
        `the workflow '${name}' returns nothing: add .setReturnValue('${steps.at(-1)?.id}')`,
      )
    }
    const document: WorkflowDocument = {
      version: 1,
      name,
      ...inputOf(this.#parts.shape),
      steps: [...steps],
      ...(edges.length === 0 ? {} : { edges: [...edges] }),
      returns,
      ...(limits === undefined ? {} : { limits }),
    }
    return workflowOf(parseWorkflow(document))
  }

  #readFiles({ readText }: BuildOptions): readonly Step[] {
    const { steps, files } = this.#parts
    return steps.map((step) => {
      const file = files.find((entry) => entry.step === step.id)
      if (file === undefined) return step
      if (readText === undefined) {
        throw invalid(
          `step '${step.id}' reads its prompt from '${file.path}': build({ readText }) with a function that reads files, or give the text as prompt:`,
        )
      }
      return { ...step, prompt: readText(file.path) }
    })
  }

  #condition(condition: Condition | ((memory: References<Mem>) => Condition)): Condition {
    if (typeof condition !== 'function') return condition
    const keys = new Set(Object.keys(this.#parts.shape))
    for (const step of this.#parts.steps) for (const { key } of outputsOf(step)) keys.add(key)
    return condition(referencesTo(keys) as unknown as References<Mem>)
  }

  #longReturns(caller: string): Exclude<Returns, string | string[]> {
    const { returns } = this.#parts
    if (returns === undefined) throw invalid(`${caller}() comes after setReturnValue()`)
    if (typeof returns === 'string') return { value: returns }
    if (!Array.isArray(returns)) return returns
    return { values: Object.fromEntries(returns.map((key) => [key, key])) }
  }

  /** The next builder; its type says what this call added. */
  #with<Next>(changes: Partial<Parts>): Next {
    const parts = { ...this.#parts, ...changes }
    const Builder = WorkflowBuilder as new (name: string, input: Shape, parts: Parts) => unknown
    return new Builder(parts.name, parts.shape, parts) as Next
  }
}

function generative(
  step: StepOptions & {
    readonly schema?: z.ZodType
    readonly outputs?: readonly OutputTo[]
    readonly inputs?: Readonly<Record<string, Input>>
  },
  { id, prompt }: { readonly id: string; readonly prompt: string | undefined },
): Step {
  const { operator = 'generation', model, temperature, sampling, schema, ...rest } = step
  const named = { ...rest } as Record<string, unknown>
  delete named['path']
  return withoutAbsent({
    ...named,
    id,
    operator,
    prompt,
    models: typeof model === 'string' ? [model] : model,
    sampling: temperature === undefined ? sampling : { ...sampling, temperature },
    schema: schema === undefined ? undefined : schemaOf(id, schema),
  }) as Step
}

function schemaOf(id: string, schema: z.ZodType): unknown {
  try {
    return toJsonSchema(schema)
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error
    throw new WorkflowError(error.code, `step '${id}': ${error.message}`, {
      cause: error,
      step: id,
    })
  }
}

function inputOf(shape: Shape): Pick<WorkflowDocument, 'input' | 'optionalInputs'> {
  const optional = Object.keys(shape).filter((key) => shape[key]?.safeParse(undefined).success)
  const input = Object.fromEntries(
    Object.entries(shape).map(([key, schema]) => [key, toJsonSchema(schema)]),
  )
  return optional.length === 0 ? { input } : { input, optionalInputs: optional }
}

/** Whether a `path` names a file: one line that ends in `.md` and reads no variable. */
function isFile(path: string): boolean {
  return path.endsWith('.md') && !/[\n{]/.test(path)
}

function withoutAbsent(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined))
}

function invalid(message: string): WorkflowError {
  return new WorkflowError('INVALID_DOCUMENT', message)
}
