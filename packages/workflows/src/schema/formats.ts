import { compilePattern } from './automaton.ts'
import { WorkflowError } from '../errors.ts'
import { invalidSchema } from './mismatch.ts'
import type { JsonSchema } from '../needs.ts'

/** A test of a text, with what it expects in words. */
export interface TextTest {
  readonly matches: (text: string) => boolean
  readonly expected: string
}

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/
const TIME = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)?$/
const DURATION = /^P(\d+W|(\d+Y)?(\d+M)?(\d+D)?(T(\d+H)?(\d+M)?(\d+([.,]\d+)?S)?)?)$/

function isDate(text: string): boolean {
  const [, year, month, day] = DATE.exec(text) ?? []
  if (year === undefined) return false
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day)
}

function isDateTime(text: string): boolean {
  return isDate(text.slice(0, 10)) && /[Tt ]/.test(text[10] ?? '') && TIME.test(text.slice(11))
}

/** Formats that we check ourselves, each in time linear in the text. */
const MATCHES: Readonly<Record<string, (text: string) => boolean>> = {
  date: isDate,
  time: (text) => TIME.test(text),
  'date-time': isDateTime,
  duration: (text) => DURATION.test(text) && /\d[A-Z]$/.test(text),
  email: (text) => /^[^\s@]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}$/.test(text),
  uri: (text) => /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/.test(text),
  uuid: (text) => /^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$/.test(text),
  ipv4: (text) => /^((25[0-5]|2[0-4]\d|1?\d?\d)(\.|$)){4}$/.test(text) && !text.endsWith('.'),
}

const FORMATS: ReadonlyMap<string, TextTest> = new Map(
  Object.entries(MATCHES).map(([name, matches]) => [
    name,
    { matches, expected: `a text of the form ${name}` },
  ]),
)

/**
 * The tests that `format` and `pattern` of a schema ask for. A pattern that only says its format again, in a
 * syntax that cannot be matched safely, is left to the format's own test.
 *
 * @throws {WorkflowError} `INVALID_SCHEMA` for a format or pattern that cannot be checked
 */
export function textTests({ type, format, pattern }: JsonSchema): readonly TextTest[] {
  const known = typeof format === 'string' ? FORMATS.get(format) : undefined
  const tests: TextTest[] = []
  if (known !== undefined) tests.push(known)
  if (pattern !== undefined) tests.push(...patternTests(pattern, known !== undefined))
  else if (known === undefined && format !== undefined && type === 'string') {
    throw invalidSchema(`the format ${JSON.stringify(format)} is not known`)
  }
  return tests
}

function patternTests(pattern: unknown, dispensable: boolean): readonly TextTest[] {
  if (typeof pattern !== 'string') throw invalidSchema(`'pattern' must be a text`)
  try {
    return [{ matches: compilePattern(pattern), expected: `a text that matches ${pattern}` }]
  } catch (error) {
    if (dispensable && error instanceof WorkflowError) return []
    throw error
  }
}
