import { listed } from '../compile/compile-keys.ts'
import { WorkflowError } from '../errors.ts'
import { mismatchText } from '../schema/mismatch.ts'
import type { HttpRequest, ToolCall, ToolNeed } from '../needs.ts'
import { recordResult, taken, type Visit, type Walk } from './run.ts'
import type { AskPlan, HttpPlan } from '../compile/station.ts'
import { template, textOf } from '../template.ts'
import { isRecord } from '../records.ts'

/** Methods whose request carries no body. */
const WITHOUT_BODY: ReadonlySet<string> = new Set(['GET', 'DELETE'])

/** What a call came to, as the model is told. */
export interface ToolOutcome {
  readonly value: unknown
  /** What went wrong. */
  readonly failure?: WorkflowError
}

/**
 * Runs one call of a tool. What is wrong with the call, or goes wrong in the tool, is told to the model as its
 * result, so that it can mend it.
 */
export function* useTool(visit: Visit, plan: AskPlan, call: ToolCall): Walk<ToolOutcome> {
  const need = needOf(visit, plan, call)
  const outcome =
    typeof need === 'string' ? failed(new WorkflowError('STEP_FAILED', need)) : yield* attempt(need)
  recordResult(visit, textOf(call), textOf(outcome.value))
  return outcome
}

function* attempt(need: ToolNeed): Walk<ToolOutcome> {
  try {
    const { value } = taken(yield need, 'result')
    return { value: value ?? null }
  } catch (error) {
    if (!(error instanceof WorkflowError) || error.code !== 'STEP_FAILED') throw error
    return failed(error)
  }
}

function failed(failure: WorkflowError): ToolOutcome {
  return { value: { error: failure.message }, failure }
}

/** What the node is asked to do, or what is wrong with the call. */
function needOf({ station }: Visit, plan: AskPlan, call: ToolCall): ToolNeed | string {
  const tool = plan.tools.get(call.name)
  const { nodeTools } = plan
  if (tool === undefined) {
    const provided = nodeTools.includes('ALL') || nodeTools.includes(call.name)
    if (provided) return { kind: 'tool', step: station.id, call }
    return `there is no tool '${call.name}'; there are ${listed([...plan.tools.keys(), ...nodeTools])}`
  }
  const wrong = tool.check(call.arguments)
  if (wrong !== undefined) return `the arguments do not fit: ${mismatchText(wrong)}`
  if (tool.http === undefined || !isRecord(call.arguments))
    return `'${call.name}' cannot be run here`
  return { kind: 'tool', step: station.id, call, http: requestOf(tool.http, call.arguments) }
}

/** Fills a request from the arguments. Those that nothing names go into the query, or are the body. */
function requestOf(plan: HttpPlan, given: Readonly<Record<string, unknown>>): HttpRequest {
  const read = (name: string): unknown => (Object.hasOwn(given, name) ? given[name] : '')
  const headers = plan.headers.map(([name, value]) => [name, oneLine(value.render(read))] as const)
  const url = plan.url.render((name) => encodeURIComponent(textOf(read(name))))
  const used = new Set([...plan.url.names, ...plan.headers.flatMap(([, value]) => value.names)])
  const rest = Object.entries(given).filter(([name]) => !used.has(name))
  const bodiless = WITHOUT_BODY.has(plan.method)
  return {
    method: plan.method,
    url: bodiless ? withQuery(url, rest) : url,
    ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers) }),
    ...(bodiless ? {} : { body: plan.body === undefined ? given : filled(plan.body, read) }),
  }
}

function withQuery(url: string, entries: readonly (readonly [string, unknown])[]): string {
  const query = entries
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(textOf(value))}`)
    .join('&')
  if (query === '') return url
  return `${url}${url.includes('?') ? '&' : '?'}${query}`
}

/** A header cannot hold a line break: it would begin another header. */
function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ')
}

/** Texts of a body with the arguments in them; a text that is nothing but `{{name}}` becomes the argument itself. */
function filled(value: unknown, read: (name: string) => unknown): unknown {
  if (typeof value === 'string') {
    const [, only] = /^\{\{\s*([\w-]+)\s*\}\}$/.exec(value) ?? []
    return only === undefined ? template(value).render(read) : read(only)
  }
  if (Array.isArray(value)) return value.map((item) => filled(item, read))
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, read)]))
}
