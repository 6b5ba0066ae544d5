import { CliError } from './errors.ts'
import { parseExactly } from './exact-json.ts'
import { didYouMean } from './suggestion.ts'

/**
 * Reads `--context name=value` pairs. What is no JSON is a text.
 *
 * @param taken names that there are, where that is known
 * @throws {CliError} `USAGE`
 */
export function contextOf(
  pairs: readonly string[],
  taken?: readonly string[],
): Readonly<Record<string, unknown>> {
  const context = new Map<string, unknown>()
  for (const pair of pairs) {
    const split = pair.indexOf('=')
    if (split < 1) throw new CliError('USAGE', `--context ${pair}: expected name=value`)
    const name = pair.slice(0, split)
    if (context.has(name)) throw new CliError('USAGE', `context "${name}" is given twice`)
    if (taken?.includes(name) === false) throw notTaken(name, taken)
    context.set(name, valueOf(name, pair.slice(split + 1)))
  }
  return Object.fromEntries(context)
}

function notTaken(name: string, taken: readonly string[]): CliError {
  const message = `no step takes a context "${name}".${didYouMean(name, taken)}`
  const mend = taken.length === 0 ? 'They take none.' : `They take ${taken.join(', ')}.`
  return new CliError('USAGE', message, { mend })
}

function valueOf(name: string, text: string): unknown {
  try {
    return parseExactly(text)
  } catch (cause) {
    if (cause instanceof RangeError) {
      throw new CliError('USAGE', `context "${name}": ${cause.message}`)
    }
    return text
  }
}
