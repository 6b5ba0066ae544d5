import type { DriaDocument, DriaTask } from './dria-document.ts'
import type { Misfit } from '../document/misfit.ts'
import { placeOf } from '../document/place.ts'

/**
 * Turns a place of the workflow that was made of Dria's JSON into the place in that JSON which it was made of:
 * `steps[1].prompt` into `tasks[1].messages[0].content`.
 */
export function placesInDria({ tasks, steps, config }: DriaDocument): (path: string) => string {
  const places = tasks.flatMap(({ operator }, index) => (operator === 'end' ? [] : [index]))
  const ids = new Set(places.map((index) => tasks[index]?.id))
  const edges = steps.flatMap(({ source }, index) => (ids.has(source) ? [index] : []))
  return (path) => {
    const [, member, index, rest = ''] = /^(steps|edges)\[(\d+)\](.*)$/.exec(path) ?? []
    if (member === 'edges') return edgePlace(edges[Number(index)], rest)
    if (member === undefined) return toolPlace(path, config.tools.length) ?? otherPlace(path)
    const place = places[Number(index)] ?? 0
    return `tasks[${place}]${taskPlace(rest, tasks[place])}`
  }
}

/** Tools of the node come first, then those that the workflow defines. */
function toolPlace(path: string, provided: number): string | undefined {
  const [, index, rest = ''] = /^tools\[(\d+)\](.*)$/.exec(path) ?? []
  if (index === undefined) return undefined
  const own = Number(index) - provided
  return own < 0
    ? `config.tools[${index}]`
    : `config.custom_tools[${own}]${rest.replace(/^\.http\b/, '')}`
}

function edgePlace(index: number | undefined, rest: string): string {
  if (index === undefined) return 'steps'
  const names: Readonly<Record<string, string>> = {
    '.from': '.source',
    '.to': '.target',
    '.if.input': '.condition.input',
    '.else': '.condition.target_if_not',
  }
  return `steps[${index}]${names[rest] ?? rest}`
}

/** Inputs are a list there, and what is asked is the last message or the task's own prompt. */
function taskPlace(rest: string, task: DriaTask | undefined): string {
  if (task === undefined || !/^\.(?:prompt|query|from)/.test(rest)) {
    return rest.replace(/^\.inputs.*$/, '.inputs')
  }
  const { messages, operator, prompt } = task
  const looksAtMessages = operator === 'search' || operator === 'sample' || prompt === undefined
  return looksAtMessages && messages.length > 0
    ? `.messages[${messages.length - 1}].content`
    : '.prompt'
}

function otherPlace(path: string): string {
  return path
    .replace(/^(?:input|memory)\b/, 'external_memory')
    .replace(/^limits(?:\.maxSteps)?$/, 'config.max_steps')
    .replace(/^returns\.process\b.*$/, 'return_value.post_process')
    .replace(/^returns(?:\.values?\b)?/, 'return_value.input')
}

/** What cannot be read, at its place in Dria's JSON; once, where several places were made of one there. */
export function misfitsInDria(
  document: DriaDocument,
  misfits: readonly Misfit[],
): readonly { readonly misfit: Misfit; readonly path: string }[] {
  const place = placesInDria(document)
  const found = new Map<string, { readonly misfit: Misfit; readonly path: string }>()
  for (const misfit of misfits) {
    const path = place(placeOf(misfit.path))
    if (isTheirs(document, misfit.path) && path !== 'steps') found.set(path, { misfit, path })
  }
  return [...found.values()]
}

/** Whether a place was not only made of what stands at another one. */
function isTheirs(
  { external_memory: memory }: DriaDocument,
  [member, key = '']: readonly PropertyKey[],
): boolean {
  if (member === 'input') return Object.hasOwn(memory ?? {}, key)
  return member !== 'optionalInputs' && member !== 'memory'
}
