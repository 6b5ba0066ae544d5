import type { DriaDocument, DriaTask } from '../dria/dria-document.ts'
import { openInSearch } from '../dria/dria-search.ts'
import { quoted, type Finding } from './finding.ts'

/** Names that stand for the end wherever an edge leads. */
const ENDS: ReadonlySet<string> = new Set(['_end', '__end', '_END', '__END'])

/** A word in braces as Dria's prompts have them, one pair or two. */
const IN_BRACES = /\{\{?\s*([A-Za-z_]\w*)\s*\}?\}/g

/**
 * What Dria's executor passes over in silence, and nobody means: edges from or to tasks that are not there, and words
 * in braces that are no input of their task although an input of it goes unused.
 */
export function checkDriaNames(document: DriaDocument): readonly Finding[] {
  const ids = new Set(document.tasks.map((task) => task.id))
  const isKnown = (id: string): boolean => ids.has(id) || ENDS.has(id)
  const edges = document.steps.flatMap(({ source, target, condition, fallback }, index) => {
    const places = { source, target, target_if_not: condition?.target_if_not, fallback }
    return Object.entries(places).flatMap(([member, id]) =>
      typeof id === 'string' && id !== '' && !isKnown(id)
        ? [unknownTask(id, `steps[${index}].${pathOf(member)}`, ids)]
        : [],
    )
  })
  return [
    ...edges,
    ...document.tasks.flatMap(strayWords),
    ...customCalls(document),
    ...document.tasks.flatMap(openSearches),
  ]
}

/** Tasks that are to run tools of the mode "custom", which theirs refuses when a model calls one. */
function customCalls({ config, tasks }: DriaDocument): readonly Finding[] {
  const { tools, custom_tools: defined } = config
  const custom = (defined ?? []).filter(({ mode }) => mode === 'custom')
  if (custom.length === 0) return []
  const hasOthers = tools.length > 0 || custom.length < (defined ?? []).length
  return tasks.flatMap(({ id, operator }, index): Finding[] => {
    if (operator !== 'function_calling') return []
    const names = quoted(custom.map(({ name }) => name))
    return [
      {
        severity: hasOthers ? 'warning' : 'error',
        code: 'UNRUNNABLE_TOOL',
        path: `tasks[${index}].operator`,
        message: `task '${id}' is not offered ${names}: nothing can run a tool of the mode "custom"`,
        mend: 'Use "function_calling_raw", which returns the calls; or a tool of the mode "http_request".',
      },
    ]
  })
}

/** Searches of which more than the query is only known when they run: that has its default. */
function openSearches(task: DriaTask, index: number): readonly Finding[] {
  if (task.operator !== 'search') return []
  const { messages } = task
  const place = messages.length > 0 ? `messages[${messages.length - 1}].content` : 'prompt'
  return openInSearch(task).map(({ what, name }) => ({
    severity: 'warning',
    code: 'UNHEEDED_INPUT',
    path: `tasks[${index}].${place}`,
    message: `the ${what} of the search comes out of the input '${name}', which is not heeded: how is searched must be known before`,
    mend: `Write the value itself; only the query is filled in: {"query": "{${name}}"}.`,
  }))
}

function pathOf(member: string): string {
  return member === 'target_if_not' ? 'condition.target_if_not' : member
}

function unknownTask(id: string, path: string, ids: ReadonlySet<string>): Finding {
  return {
    severity: 'warning',
    code: 'UNKNOWN_STEP',
    path,
    message: `there is no task '${id}': the workflow ends there, or never comes there`,
    mend: `There are ${[...ids].map((known) => `'${known}'`).join(', ')}. Name one of them, or "_end".`,
  }
}

function strayWords({ messages, prompt, inputs }: DriaTask, index: number): readonly Finding[] {
  const names = new Set(inputs.map(({ name }) => name))
  const texts = [
    ...messages.map(({ content }, at) => ({
      text: content,
      path: `tasks[${index}].messages[${at}].content`,
    })),
    ...(prompt === undefined ? [] : [{ text: prompt, path: `tasks[${index}].prompt` }]),
  ]
  const used = new Set(texts.flatMap(({ text }) => wordsOf(text)))
  const unused = [...names].find((name) => !used.has(name))
  if (unused === undefined) return []
  return texts.flatMap(({ text, path }) => {
    const stray = wordsOf(text).find((word) => !names.has(word))
    return stray === undefined ? [] : [strayWord(stray, unused, path)]
  })
}

function strayWord(stray: string, unused: string, path: string): Finding {
  return {
    severity: 'warning',
    code: 'UNKNOWN_KEY',
    path,
    message: `'${stray}' is no input of the task and stays as it is, while its input '${unused}' goes unused`,
    mend: `Write {{${unused}}} if that is meant.`,
  }
}

function wordsOf(text: string): string[] {
  return Array.from(text.matchAll(IN_BRACES), ([, word = '']) => word)
}
