import { candidates, isShallow, spans, withoutThinking } from './extract.ts'
import { parseLiteral } from './literal.ts'
import type { ToolCall } from '../needs.ts'
import { strictJson } from './reading.ts'
import { repair } from './repair.ts'
import { isRecord } from '../records.ts'

/** The calls that a text makes, none where it makes none; or why they cannot be read. */
export type ToolCalls =
  | { readonly ok: true; readonly calls: readonly ToolCall[] }
  | { readonly ok: false; readonly reason: string }

/** A tag that opens and one that closes a call. */
const NOUS = { open: /<tool_call>/g, close: '</tool_call>' } as const
const LLAMA = { open: /<function=([^<>\s]{1,256})>/g, close: '</function>' } as const

/**
 * Reads the calls in a model's text, in the three ways that models were taught:
 *
 *     Nous    <tool_call>{"name": "f", "arguments": {…}}</tool_call>
 *     Llama   <function=f>{…}</function>
 *     OpenAI  {"name": "f", "arguments": {…}}, in a list, under "function", or as the lines `Function: f`, `Arguments: {…}`
 */
export function parseToolCalls(text: string): ToolCalls {
  const spoken = withoutThinking(text) ?? ''
  if (spoken.includes('<tool_call>')) return gather(tagged(spoken, NOUS), nousCall)
  if (spoken.includes('<function=')) return gather(tagged(spoken, LLAMA), llamaCall)
  return openAiCalls(spoken)
}

interface Tags {
  readonly open: RegExp
  readonly close: string
}

interface Tagged {
  readonly name: string
  readonly body: string
  /** Whether its end is there. */
  readonly closed: boolean
}

/**
 * What stands between tags; the last may lack its end. A string may hold the tag that closes: the shortest text that
 * is JSON counts.
 */
function* tagged(text: string, { open, close }: Tags): Generator<Tagged> {
  const openings = [...text.matchAll(open)]
  for (const [index, opening] of openings.entries()) {
    const from = opening.index + opening[0].length
    const rest = text.slice(from, openings[index + 1]?.index)
    const ends = [rest.indexOf(close), rest.lastIndexOf(close)].filter((end) => end !== -1)
    const bodies = ends.length === 0 ? [rest] : ends.map((end) => rest.slice(0, end))
    const whole = bodies.find((body) => strictJson(body) !== undefined)
    yield { name: opening[1] ?? '', body: whole ?? bodies[0] ?? '', closed: ends.length > 0 }
  }
}

function nousCall({ body, closed }: Tagged): ToolCall | string {
  return callFrom(jsonIn(body, closed)) ?? `a <tool_call> holds no {"name": …, "arguments": {…}}`
}

function llamaCall({ name, body, closed }: Tagged): ToolCall | string {
  const text = body.trim()
  const read = (variant: string): unknown => jsonIn(variant, closed)
  const value = text === '' ? {} : braced(text).map(read).find(isRecord)
  return value === undefined
    ? `the arguments of <function=${name}> are no JSON object`
    : { name, arguments: value }
}

/** Some models double the braces, as the templates did from which they learnt. */
function braced(text: string): readonly string[] {
  if (!text.startsWith('{{')) return [text]
  return [text.slice(1, -1), text.replaceAll('{{', '{').replaceAll('}}', '}')]
}

function gather<T>(found: Iterable<T>, read: (call: T) => ToolCall | string): ToolCalls {
  const calls: ToolCall[] = []
  for (const item of found) {
    const call = read(item)
    if (typeof call === 'string') return { ok: false, reason: call }
    calls.push(call)
  }
  return { ok: true, calls }
}

function openAiCalls(text: string): ToolCalls {
  const lines = lineCalls(text)
  if (lines.length > 0) return gather(lines, lineCall)
  for (const tier of candidates(text)) {
    const calls = tier.flatMap((candidate) => callsFrom(strictJson(candidate)))
    if (calls.length > 0) return { ok: true, calls }
  }
  return { ok: true, calls: [] }
}

/** The lines `Function: f` and `Arguments:`, each with what stands up to the next of them. */
function lineCalls(text: string): readonly Tagged[] {
  const heads = [
    ...text.matchAll(/^[ \t]*Function:[ \t]*([^\s{}]{1,256})[ \t]*\r?\n\s*Arguments:/gm),
  ]
  return heads.map((head, index) => {
    const body = text.slice(head.index + head[0].length, heads[index + 1]?.index)
    return { name: head[1] ?? '', body: body.trimStart(), closed: true }
  })
}

function lineCall({ name, body }: Tagged): ToolCall | string {
  const [span = ''] = spans(body)
  const value = body.startsWith('{') ? jsonIn(span, true) : undefined
  return isRecord(value)
    ? { name, arguments: value }
    : `the arguments of '${name}' are no JSON object`
}

function callsFrom(value: unknown): readonly ToolCall[] {
  if (Array.isArray(value)) return value.flatMap(callsFrom)
  if (isRecord(value) && Array.isArray(value['tool_calls'])) return callsFrom(value['tool_calls'])
  const call = callFrom(value)
  return call === undefined ? [] : [call]
}

/** `{name, arguments}`, also as `{function: {…}}`; the arguments may be an object or its JSON text. */
function callFrom(value: unknown): ToolCall | undefined {
  if (!isRecord(value)) return undefined
  if (isRecord(value['function'])) return callFrom(value['function'])
  const { name, arguments: given, parameters = given } = value
  const found = typeof parameters === 'string' ? strictJson(parameters) : parameters
  if (typeof name !== 'string' || name === '' || !isRecord(found)) return undefined
  return { name, arguments: found }
}

/** The JSON of a text, mended where it is `closed`: a text that was cut may lack more than its brackets. */
function jsonIn(text: string, closed: boolean): unknown {
  const trimmed = text.trim()
  if (!isShallow(trimmed)) return undefined
  const value = strictJson(trimmed) ?? parseLiteral(trimmed)
  if (value !== undefined || !/^[[{]/.test(trimmed)) return value
  const mended = repair(trimmed, !closed)
  return mended.ok ? mended.value : undefined
}
