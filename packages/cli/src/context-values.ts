import { CliError } from './errors.ts'

/**
 * Reads `--context name=value` pairs. What is no JSON is a text.
 *
 * @throws {CliError} `USAGE`
 */
export function contextOf(pairs: readonly string[]): Readonly<Record<string, unknown>> {
  const context = new Map<string, unknown>()
  for (const pair of pairs) {
    const split = pair.indexOf('=')
    if (split < 1) throw new CliError('USAGE', `--context ${pair}: expected name=value`)
    const name = pair.slice(0, split)
    if (context.has(name)) throw new CliError('USAGE', `context "${name}" is given twice`)
    context.set(name, valueOf(pair.slice(split + 1)))
  }
  return Object.fromEntries(context)
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
