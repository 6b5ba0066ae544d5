import {
  DRIA_INPUT,
  readsOf,
  type DriaDocument,
  type DriaEdge,
  type DriaInputValue,
  type DriaTask,
} from './dria-document.ts'

/**
 * Dria's executor keeps the text that is written under a key and the list that is pushed under it apart; here a key
 * has one value. Where a workflow has both under one name, the list gets a name of its own; or the text, where memory
 * gives the list, or a task may draw from it by its name. Likewise the whole input of the workflow has no key there, and
 * here is called `input`: where it is read, what else has that key is renamed.
 */
export function withKeysApart(document: DriaDocument): DriaDocument {
  const names = newNames(document)
  if (names.size === 0) return document
  const { tasks, steps, return_value: returned, external_memory: memory } = document
  const { input } = returned
  const read = (value: DriaInputValue): DriaInputValue => renamed(value, names)
  return {
    ...document,
    ...(memory == null ? {} : { external_memory: renamedMemory(memory, names) }),
    tasks: tasks.map((task) => renamedTask(task, names)),
    steps: steps.map((edge) => renamedEdge(edge, names)),
    return_value: { ...returned, input: Array.isArray(input) ? input.map(read) : read(input) },
  }
}

/** New names by what had the old one. */
type Names = ReadonlyMap<string, string>

type Memory = NonNullable<DriaDocument['external_memory']>

type Keyed = Pick<DriaInputValue, 'key'> & { readonly type: string }

function renamed<T extends Keyed>(place: T, names: Names): T {
  return { ...place, key: names.get(spotOf(place)) ?? place.key }
}

function renamedMemory(memory: Memory, names: Names): Memory {
  const entries = Object.entries(memory)
  return Object.fromEntries(
    entries.map(([key, value]) => [names.get(spot(kindOf(value), key)) ?? key, value]),
  )
}

function renamedTask(task: DriaTask, names: Names): DriaTask {
  const inputs = task.inputs.map((input) => ({
    name: input.name,
    required: input.required,
    value: renamed(input.value, names),
  }))
  return { ...task, inputs, outputs: task.outputs.map((output) => renamed(output, names)) }
}

function renamedEdge(edge: DriaEdge, names: Names): DriaEdge {
  const { condition } = edge
  if (condition == null) return edge
  return { ...edge, condition: { ...condition, input: renamed(condition.input, names) } }
}

type Kind = 'text' | 'list'

const KINDS: Readonly<Record<string, Kind>> = {
  read: 'text',
  write: 'text',
  push: 'list',
  pop: 'list',
  peek: 'list',
  get_all: 'list',
  size: 'list',
}

function kindOf(value: unknown): Kind {
  return Array.isArray(value) ? 'list' : 'text'
}

/** One of the two things that a key can name. */
function spot(kind: Kind | undefined, key: string): string {
  return `${kind} ${key}`
}

function spotOf({ type, key }: { readonly type: string; readonly key: string }): string {
  return spot(KINDS[type], key)
}

/** New names of what would be under one key with something else. */
function newNames(document: DriaDocument): Names {
  const { tasks, external_memory: memory } = document
  const given = Object.entries(memory ?? {})
  const filled = new Set([
    ...given.map(([key, value]) => spot(kindOf(value), key)),
    ...tasks.flatMap(({ outputs }) => outputs.map(spotOf)),
  ])
  const keys = new Set([...given.map(([key]) => key), ...tasks.flatMap(keysOf)])
  const draws = tasks.some(({ operator }) => operator === 'sample')
  const names = new Map<string, string>()
  for (const key of keys) {
    if (!filled.has(spot('text', key)) || !filled.has(spot('list', key))) continue
    const value = memory?.[key]
    const isList = value === undefined ? draws : Array.isArray(value)
    const kind = isList ? 'text' : 'list'
    names.set(spot(kind, key), newName(key, kind, keys))
  }
  if (!readsOf(document).some(({ type }) => type === 'input')) return names
  for (const kind of ['text', 'list'] as const) {
    names.set(spot(kind, DRIA_INPUT), newName(DRIA_INPUT, kind, keys))
  }
  return names
}

function newName(key: string, kind: Kind, taken: ReadonlySet<string>): string {
  let name = `${key} as ${kind}`
  while (taken.has(name)) name += ' again'
  return name
}

function keysOf({ inputs, outputs }: DriaDocument['tasks'][number]): readonly string[] {
  return [...inputs.map(({ value }) => value.key), ...outputs.map(({ key }) => key)]
}
