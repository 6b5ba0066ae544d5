/**
 * Which texts of a message travel beside its JSON: members of the input of an `assign`, and the output of a `finish`.
 * In the JSON an empty text keeps the place of each, so that members stay in order and none is made that was not there.
 */

/** Shorter ones take longer by themselves than in the JSON. */
const LEAST_CHARACTERS = 400

/** A message on its way: what of it is written as JSON, and the texts that follow raw. */
export interface Parted {
  readonly head: object
  readonly texts: readonly string[]
}

/** Takes the long texts out of a message, which itself stays as it is. */
export function takeTexts(message: object): Parted {
  if (!('type' in message)) return whole(message)
  if (message.type === 'finish' && 'output' in message) return takeOutput(message, message.output)
  if (message.type === 'assign' && 'input' in message && isRecord(message.input)) {
    return takeInput(message, message.input)
  }
  return whole(message)
}

/** Puts a text where the message keeps its place; false: nothing is kept for it there. */
export function putText(message: unknown, name: unknown, text: string): boolean {
  const holder = holderOf(message, name)
  if (holder === undefined || typeof name !== 'string' || holder[name] !== '') return false
  holder[name] = text
  return text !== ''
}

const NO_TEXTS: readonly string[] = []

function whole(message: object): Parted {
  return { head: message, texts: NO_TEXTS }
}

function takeOutput(message: object, output: unknown): Parted {
  if (!goesRaw(output)) return whole(message)
  return { head: [{ ...message, output: '' }, 'output'], texts: [output] }
}

function takeInput(message: object, input: Readonly<Record<string, unknown>>): Parted {
  const names: string[] = []
  const texts: string[] = []
  for (const name of Object.keys(input)) {
    const value = input[name]
    if (!goesRaw(value)) continue
    names.push(name)
    texts.push(value)
  }
  if (texts.length === 0) return whole(message)
  const rest = { ...input }
  for (const name of names) rest[name] = ''
  return { head: [{ ...message, input: rest }, ...names], texts }
}

/** A lone surrogate can be escaped in JSON; UTF-8 has no bytes for it. */
function goesRaw(value: unknown): value is string {
  return typeof value === 'string' && value.length >= LEAST_CHARACTERS && value.isWellFormed()
}

function holderOf(message: unknown, name: unknown): Record<string, unknown> | undefined {
  if (!isRecord(message)) return undefined
  if (message['type'] === 'finish') return name === 'output' ? message : undefined
  return message['type'] === 'assign' && isRecord(message['input']) ? message['input'] : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
