import { WorkflowError } from './errors.ts'

/** A test of a string, with what it expects in words. */
export interface TextTest {
  readonly matches: (text: string) => boolean
  readonly expected: string
}

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/
const TIME = /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)?$/

function isDate(text: string): boolean {
  const [, year, month, day] = DATE.exec(text) ?? []
  if (year === undefined) return false
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day)
}

function isDateTime(text: string): boolean {
  return isDate(text.slice(0, 10)) && /[Tt ]/.test(text[10] ?? '') && TIME.test(text.slice(11))
}

/** Formats that we check ourselves, in time linear in the text; their `pattern` is then not needed. */
const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  date: isDate,
  time: (text) => TIME.test(text),
  'date-time': isDateTime,
  email: (text) => /^[^\s@]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}$/.test(text),
  uri: (text) => /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/.test(text),
  uuid: (text) => /^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$/.test(text),
}

/**
 * The test that `format` and `pattern` of a schema ask for.
 *
 * @throws {WorkflowError} `INVALID_SCHEMA`
 */
export function compileFormat(format: unknown, pattern: unknown): TextTest | undefined {
  const known =
    typeof format === 'string' && Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined
  if (known !== undefined) return { matches: known, expected: `a ${String(format)}` }
  if (pattern === undefined) return undefined
  if (typeof pattern !== 'string') {
    throw new WorkflowError('INVALID_SCHEMA', `the schema cannot be used: 'pattern' must be a text`)
  }
  const expression = toExpression(pattern)
  return { matches: (text) => expression.test(text), expected: `a text that matches ${pattern}` }
}

function toExpression(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'u')
  } catch (error) {
    throw new WorkflowError(
      'INVALID_SCHEMA',
      `the schema cannot be used: the pattern ${pattern} is not one`,
      { cause: error },
    )
  }
}
