import { z } from 'zod'
import { strictJson } from '../answers/reading.ts'
import type { DriaTask } from './dria-document.ts'
import { lastText, namesIn, templateOf } from './dria-prompt.ts'
import type { SearchStep } from '../document/document.ts'
import { WorkflowError } from '../errors.ts'
import { isRecord, withoutAbsent } from '../records.ts'

type Task = Pick<DriaTask, 'messages' | 'prompt' | 'inputs'>

/**
 * What a search task asks for: JSON in place of a prompt. The query is filled in after the JSON is read, so that a
 * quote in it breaks nothing; all else about a search must be known before.
 *
 * @throws {WorkflowError} naming what comes from an input and cannot
 */
export function searchOf(task: Task): Pick<SearchStep, 'query' | 'type' | 'language' | 'count'> {
  const text = lastText(task)
  refuseWhole(text, task)
  const asked = SearchRequest.safeParse(known(requestIn(text, task), task))
  if (!asked.success) return { query: templateOf(text, task) }
  const { query, search_type: type, lang: language, n_results: count } = asked.data
  const said = withoutAbsent({ type, language, count })
  const told = Object.entries(said).filter(([key, value]) => SEARCH_DEFAULTS[key] !== value)
  return { query: templateOf(query, task), ...Object.fromEntries(told) }
}

/** What a search task has in place of a prompt. What is not said as it should be is left to the default. */
const SearchRequest = z.object({
  query: z.string(),
  search_type: z.enum(['search', 'news', 'scholar']).optional().catch(undefined),
  lang: z.string().min(1).max(16).optional().catch(undefined),
  n_results: z.coerce.number().int().min(1).max(100).optional().catch(undefined),
})

const SEARCH_DEFAULTS: Readonly<Record<string, unknown>> = {
  type: 'search',
  language: 'en',
  count: 5,
}

/** A text that is nothing but an input: that would have to be a request in JSON, and would be searched for. */
function refuseWhole(text: string, task: Task): void {
  const [only] = namesIn(text, namesOf(task))
  if (only === undefined || text.trim() !== text.slice(only.start, only.end)) return
  throw unreadable(
    `its whole request comes out of the input '${only.name}'; write {"query": "{${only.name}}"}`,
  )
}

/** The JSON of a request, also where names stand in it without quotes: `"n_results": {n}`. */
function requestIn(text: string, task: Task): unknown {
  let made = ''
  let from = 0
  let quotes = 0
  for (const { start, end } of namesIn(text, namesOf(task))) {
    const before = text.slice(from, start)
    quotes += before.replaceAll(/\\./gs, '').split('"').length - 1
    const place = text.slice(start, end)
    made += before + (quotes % 2 === 1 ? place : JSON.stringify(place))
    from = end
  }
  return strictJson(made + text.slice(from))
}

/** The request with what its inputs say themselves where only a value can stand. */
function known(request: unknown, task: Task): unknown {
  if (!isRecord(request)) return request
  const literals = new Map(
    task.inputs.flatMap(({ name, value }) =>
      value.type === 'string' ? [[name, value.key] as const] : [],
    ),
  )
  const filled = ['search_type', 'lang', 'n_results'].flatMap((member) => {
    const value = request[member]
    if (typeof value !== 'string') return []
    let made = ''
    let from = 0
    for (const { name, start, end } of namesIn(value, namesOf(task))) {
      const literal = literals.get(name)
      if (literal === undefined) throw open(member, name)
      made += value.slice(from, start) + literal
      from = end
    }
    return [[member, made + value.slice(from)] as const]
  })
  return { ...request, ...Object.fromEntries(filled) }
}

function namesOf({ inputs }: Task): ReadonlySet<string> {
  return new Set(inputs.map(({ name }) => name))
}

function open(member: string, name: string): WorkflowError {
  return unreadable(
    `its '${member}' comes out of the input '${name}', and must be known before; write the value itself`,
  )
}

function unreadable(reason: string): WorkflowError {
  return new WorkflowError('INVALID_DOCUMENT', `the search cannot be read: ${reason}`)
}
