import type { DriaTask } from './dria-document.ts'
import { literalTemplate } from '../template.ts'

/** The text of the last message: all that search and sample look at. */
export function lastText({ messages, prompt = '' }: Pick<DriaTask, 'messages' | 'prompt'>): string {
  return messages.at(-1)?.content ?? prompt
}

/**
 * A prompt of Dria's as ours. `{x}` and `{{x}}` are the input x; every other brace is a brace.
 */
export function templateOf(content: string, { inputs }: Pick<DriaTask, 'inputs'>): string {
  const names = new Set(inputs.map(({ name }) => name))
  let made = ''
  let from = 0
  for (const { name, start, end } of namesIn(content, names)) {
    made += `${literalTemplate(content.slice(from, start))}${tag(name)}`
    from = end
  }
  return made + literalTemplate(content.slice(from))
}

/** A name in braces, and where it stands. */
export interface NamePlace {
  readonly name: string
  readonly start: number
  readonly end: number
}

/** Where the names of inputs stand in a prompt. */
export function namesIn(content: string, names: ReadonlySet<string>): readonly NamePlace[] {
  const all = content.matchAll(/\{\{\{([^{}]+)\}\}\}|\{\{([^{}]+)\}\}|\{([^{}]+)\}/g)
  return Array.from(all, ({ 0: whole, 1: three, 2: two, 3: one = '', index }) => {
    return { name: (three ?? two)?.trim() ?? one, start: index, end: index + whole.length }
  }).filter(({ name }) => names.has(name))
}

/** Words that are no names to Handlebars. */
const WORDS: ReadonlySet<string> = new Set(['this', 'else', 'true', 'false', 'null', 'undefined'])

/** A name in a prompt of ours. */
export function tag(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) && !WORDS.has(name) ? `{{${name}}}` : `{{[${name}]}}`
}
