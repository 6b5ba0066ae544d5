import { isShallow } from '../answers/extract.ts'
import { strictJson } from '../answers/reading.ts'
import { bounded, refuseLong } from '../bounds.ts'
import type { Input, PostProcess, Returns } from '../document/document.ts'
import { blame } from '../errors.ts'
import { joined } from './memory.ts'
import { textOf } from '../template.ts'
import { isRecord } from '../records.ts'

/** What a body gives back, in one form. */
export interface ReturnPlan {
  readonly form: 'value' | 'object' | 'list'
  readonly values: readonly { readonly name: string; readonly input: Input }[]
  readonly json: boolean
  readonly decode: boolean
  readonly after: string | undefined
  readonly process: readonly PostProcess[]
}

/** Brings the short forms of a return value into one. */
export function planReturns(returns: Returns): ReturnPlan {
  if (typeof returns === 'string') return planReturns({ value: returns })
  if (Array.isArray(returns)) {
    return planReturns({ values: Object.fromEntries(returns.map((key) => [key, key])) })
  }
  const { value, values = [], json = false, after, process = [] } = returns
  const rest = { json, decode: json || returns.decode === true, after, process }
  if (value !== undefined) return { form: 'value', values: [named(value)], ...rest }
  if (Array.isArray(values)) return { form: 'list', values: values.map(named), ...rest }
  const entries = Object.entries(values).map(([name, input]) => ({ name, input }))
  return { form: 'object', values: entries, ...rest }
}

function named(input: Input): ReturnPlan['values'][number] {
  if (typeof input === 'string') return { name: input, input }
  return { name: 'key' in input ? input.key : input.type, input }
}

/**
 * Makes the output of the values that were read, in the plan's order.
 *
 * @throws {WorkflowError} `STEP_FAILED` where it becomes too large
 */
export function giveBack(plan: ReturnPlan, found: readonly unknown[]): unknown {
  const { json, decode, process } = plan
  const arranged = bounded(arrange(plan, found))
  const plain = decode ? withoutEncodedJson(arranged) : arranged
  const output = json ? JSON.stringify(plain ?? null) : plain
  if (process.length === 0) return output
  return process.reduce(
    (text, step, index) => applyAt(text, step, index),
    textOf(orNothing(output)),
  )
}

function arrange({ form, values, after }: ReturnPlan, found: readonly unknown[]): unknown {
  if (after !== undefined) return joined(found.map(orNothing), { after })
  if (form === 'value') return found[0]
  if (form === 'list') return found
  return Object.fromEntries(values.map(({ name }, index) => [name, found[index]]))
}

/** What is not there, as a text. */
function orNothing(value: unknown): unknown {
  return value === undefined ? '' : value
}

/** Texts that hold an array or object in JSON become what they hold, so that nothing is encoded twice. */
function withoutEncodedJson(value: unknown): unknown {
  if (typeof value === 'string') return decoded(value)
  if (Array.isArray(value)) return value.map(withoutEncodedJson)
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, withoutEncodedJson(member)]),
  )
}

function decoded(text: string): unknown {
  if (!/^\s*[[{]/.test(text) || !isShallow(text)) return text
  return strictJson(text) ?? text
}

const CASES: Readonly<
  Record<Exclude<PostProcess['type'], 'replace' | 'append' | 'prepend'>, (text: string) => string>
> = {
  trim: (text) => text.trim(),
  trim_start: (text) => text.trimStart(),
  trim_end: (text) => text.trimEnd(),
  to_lower: (text) => text.toLowerCase(),
  to_upper: (text) => text.toUpperCase(),
}

function applyAt(text: string, step: PostProcess, index: number): string {
  try {
    return applyProcess(text, step)
  } catch (error) {
    throw blame(error, `returns.process[${index}]`)
  }
}

function applyProcess(text: string, step: PostProcess): string {
  if (step.type === 'replace') {
    const parts = text.split(step.find)
    refuseLong(text.length + (parts.length - 1) * (step.with.length - step.find.length))
    return parts.join(step.with)
  }
  if (step.type === 'append') return text + step.text
  if (step.type === 'prepend') return step.text + text
  return CASES[step.type](text)
}
