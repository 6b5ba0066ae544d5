import type { Input, PostProcess, Returns } from './document.ts'

/** What a workflow gives back, in one form. */
export interface ReturnPlan {
  /** Name and source of each value; one without a name stands for itself. */
  readonly values: readonly { readonly name: string | undefined; readonly input: Input }[]
  readonly json: boolean
  readonly process: readonly PostProcess[]
}

/** Brings the short forms of a return value into one. */
export function planReturns(returns: Returns): ReturnPlan {
  if (typeof returns === 'string') return { values: [single(returns)], json: false, process: [] }
  if (Array.isArray(returns)) {
    return { values: returns.map((key) => ({ name: key, input: key })), json: false, process: [] }
  }
  const { value, values = {}, json = false, process = [] } = returns
  const named = Object.entries(values).map(([name, input]) => ({ name, input }))
  return { values: value === undefined ? named : [single(value)], json, process }
}

function single(input: Input): ReturnPlan['values'][number] {
  return { name: undefined, input }
}

/** Makes the output of the values that were read, in the plan's order. */
export function giveBack(
  { values, json, process }: ReturnPlan,
  found: readonly unknown[],
): unknown {
  const names = values.map(({ name }) => name)
  const plain: unknown = names.includes(undefined)
    ? found[0]
    : Object.fromEntries(names.map((name, index) => [String(name), found[index]]))
  const output = json ? JSON.stringify(withoutEncodedJson(plain) ?? null) : plain
  if (process.length === 0) return output
  const text = typeof output === 'string' ? output : JSON.stringify(output ?? null)
  return process.reduce(applyProcess, text)
}

/** Texts that hold an array or object in JSON become what they hold, so that nothing is encoded twice. */
function withoutEncodedJson(value: unknown): unknown {
  if (typeof value === 'string') return decoded(value)
  if (Array.isArray(value)) return value.map(withoutEncodedJson)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, withoutEncodedJson(member)]),
  )
}

function decoded(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

function applyProcess(text: string, step: PostProcess): string {
  switch (step.type) {
    case 'replace':
      return text.replaceAll(step.find, () => step.with)
    case 'append':
      return text + step.text
    case 'prepend':
      return step.text + text
    case 'trim':
      return text.trim()
    case 'trim_start':
      return text.trimStart()
    case 'trim_end':
      return text.trimEnd()
    case 'to_lower':
      return text.toLowerCase()
    case 'to_upper':
      return text.toUpperCase()
  }
}
