import type { Step, WorkflowDocument } from '@skein/workflows'
import { CliError } from './errors.ts'
import { didYouMean } from './suggestion.ts'

/** Answers that stand in for models, searches and tools: `skein run --script`. */

/** What a call comes to. */
export type ScriptedReply = { readonly value: unknown } | { readonly error: string }

/** Bad entries named before the rest is only counted. */
const PROBLEMS_SHOWN = 5

/** Lists of answers, used in order and then from the first again. */
export class AnswerScript {
  readonly #lists: ReadonlyMap<string, readonly unknown[]>
  readonly #used = new Map<string, number>()

  constructor(lists: ReadonlyMap<string, readonly unknown[]>) {
    this.#lists = lists
  }

  /** The next answer for a step or a tool; `undefined` where the script has none for it. */
  next(name: string): ScriptedReply | undefined {
    const list = this.#lists.get(name)
    if (list === undefined) return undefined
    const used = this.#used.get(name) ?? 0
    this.#used.set(name, used + 1)
    const value = list[used % list.length]
    const error = errorIn(value)
    return error === undefined ? { value } : { error }
  }
}

/** The text of `{"error": "…"}`. */
function errorIn(value: unknown): string | undefined {
  if (!isObject(value)) return undefined
  const [[name, text] = [], ...others] = Object.entries(value)
  return name === 'error' && typeof text === 'string' && others.length === 0 ? text : undefined
}

/**
 * Reads a script: an object from the ids of steps, or the names of tools, to lists of answers.
 *
 * @param file its name, for messages
 * @throws {CliError} `USAGE` naming every entry that is wrong
 */
export function parseAnswerScript(
  json: unknown,
  document: WorkflowDocument,
  file: string,
): AnswerScript {
  if (!isObject(json) || Array.isArray(json)) {
    throw new CliError('USAGE', `${file} must hold one JSON object`, { mend: HOW_IT_READS })
  }
  const names = [...stepIds(document.steps), ...toolNames(document)]
  const known = new Set(names)
  const problems = Object.entries(json).flatMap(([name, list]) => {
    if (!known.has(name)) return [`there is no step '${name}'.${didYouMean(name, known)}`]
    if (!Array.isArray(list)) return [`the answers of '${name}' must be a list`]
    return list.length === 0 ? [`the list of answers of '${name}' is empty`] : []
  })
  if (problems.length > 0) throw refusal(problems, { file, names })
  const lists = Object.entries(json).map(([name, list]): [string, unknown[]] => [
    name,
    listOf(list),
  ])
  return new AnswerScript(new Map(lists))
}

const HOW_IT_READS =
  'It reads {"step id": ["first answer", {"answer": "as JSON"}, {"error": "it failed"}]}.'

function refusal(
  problems: readonly string[],
  { file, names }: { readonly file: string; readonly names: readonly string[] },
): CliError {
  const shown = problems.slice(0, PROBLEMS_SHOWN).map((problem) => `${file}: ${problem}`)
  const more = problems.length - shown.length
  if (more > 0) shown.push(`… and ${more} more`)
  const listed = names.length > 20 ? [...names.slice(0, 20), '…'] : names
  return new CliError('USAGE', shown.join('\n'), {
    mend: `The workflow has the steps ${listed.join(', ')}. ${HOW_IT_READS}`,
  })
}

function stepIds(steps: readonly Step[]): readonly string[] {
  return steps.flatMap((step) => {
    if (step.operator === 'map') return [step.id, ...stepIds(step.body.steps)]
    if (step.operator !== 'parallel') return [step.id]
    return [step.id, ...Object.values(step.branches).flatMap((branch) => stepIds(branch.steps))]
  })
}

function toolNames({ tools = [] }: WorkflowDocument): readonly string[] {
  return tools.map((tool) => (typeof tool === 'string' ? tool : tool.name))
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
