/** Pieces of Dria's workflow JSON, as their builder writes them. */

export interface Case {
  /** A sentence about what is special. */
  readonly title: string
  readonly document: Readonly<Record<string, unknown>>
  readonly input?: Readonly<Record<string, unknown>>
  readonly answers: Readonly<Record<string, readonly unknown[]>>
  /** Ids in the order in which they run. */
  readonly steps: readonly string[]
  readonly output: unknown
  /** The last message of each question, where it matters. */
  readonly prompts?: readonly string[]
}

type Json = Readonly<Record<string, unknown>>

export const config = { max_steps: 50, max_time: 200, tools: ['ALL'], max_tokens: 750 }

/** The task that every document has at its end, under its new or its old name. */
export function end(id = '_end'): Json {
  return {
    id,
    name: 'Task',
    description: 'Task Description',
    messages: [{ role: 'user', content: '' }],
    inputs: [],
    operator: 'end',
    outputs: [],
  }
}

export function value(type: string, key = '', more: Json = {}): Json {
  return { type, key, ...more }
}

/** An input of a task that has the name of its key. */
export function reads(key: string, type = 'read', required = true): Json {
  return { name: key, value: value(type, key), required }
}

export function writes(key: string, type = 'write', what = '__result'): Json {
  return { type, key, value: what }
}

/** A task; its prompt is the last message. */
export function task(id: string, content: string, more: Json = {}): Json {
  return {
    id,
    name: 'Task',
    description: 'Task Description',
    messages: [{ role: 'user', content }],
    inputs: [],
    operator: 'generation',
    outputs: [writes(id)],
    ...more,
  }
}

export function edge(source: string, target: string, more: Json = {}): Json {
  return { source, target, ...more }
}

/** A condition of an edge; else it goes elsewhere. */
export function when(
  input: Json,
  expression: string,
  [expected, otherwise]: readonly [string, string],
): Json {
  return { condition: { input, expected, expression, target_if_not: otherwise } }
}

export function returns(input: unknown, more: Json = {}): Json {
  return { input, to_json: false, ...more }
}
