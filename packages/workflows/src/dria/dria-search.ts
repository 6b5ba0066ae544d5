import { z } from 'zod'
import { strictJson } from '../answers/reading.ts'
import type { DriaTask } from './dria-document.ts'
import { lastText, namesIn, templateOf } from './dria-prompt.ts'
import type { SearchStep } from '../document/document.ts'
import { isRecord, withoutAbsent } from '../records.ts'

type Task = Pick<DriaTask, 'messages' | 'prompt' | 'inputs'>

/**
 * What a search task asks for: JSON in place of a prompt. The query is filled in after the JSON is read, so that a
 * quote in it breaks nothing; what else is only known when the task runs has its default (`openInSearch`).
 */
export function searchOf(task: Task): Pick<SearchStep, 'query' | 'type' | 'language' | 'count'> {
  const text = lastText(task)
  const asked = SearchRequest.safeParse(known(requestIn(text, task), task).request)
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

/** What of a search comes out of inputs that are read when it runs, and is not heeded. */
export function openInSearch(
  task: Task,
): readonly { readonly what: string; readonly name: string }[] {
  const text = lastText(task)
  const [only] = namesIn(text, namesOf(task))
  if (only !== undefined && text.trim() === text.slice(only.start, only.end)) {
    return [{ what: 'whole request', name: only.name }]
  }
  return known(requestIn(text, task), task).open.map(([what, name]) => ({
    what: `'${what}'`,
    name,
  }))
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

/** The request with what its inputs say themselves where only a value can stand, and what they do not. */
function known(
  request: unknown,
  task: Task,
): {
  readonly request: unknown
  readonly open: readonly (readonly [member: string, name: string])[]
} {
  if (!isRecord(request)) return { request, open: [] }
  const literals = new Map(
    task.inputs.flatMap(({ name, value }) =>
      value.type === 'string' ? [[name, value.key] as const] : [],
    ),
  )
  const open: (readonly [member: string, name: string])[] = []
  const filled = ['search_type', 'lang', 'n_results'].flatMap((member): [string, unknown][] => {
    const value = request[member]
    if (typeof value !== 'string') return []
    let made = ''
    let from = 0
    for (const { name, start, end } of namesIn(value, namesOf(task))) {
      const literal = literals.get(name)
      if (literal === undefined) {
        open.push([member, name])
        return [[member, undefined]]
      }
      made += value.slice(from, start) + literal
      from = end
    }
    return [[member, made + value.slice(from)]]
  })
  return { request: { ...request, ...Object.fromEntries(filled) }, open }
}

function namesOf({ inputs }: Task): ReadonlySet<string> {
  return new Set(inputs.map(({ name }) => name))
}
