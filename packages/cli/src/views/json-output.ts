/** An output as JSON can say it. */
export interface AsJson {
  /** What cannot be said stands as null. */
  readonly value: unknown
  /** Why rows cannot be said, a sentence each. */
  readonly problems: readonly string[]
}

/** The output with null in the place of every row that JSON has no words for. */
export function asJson(output: unknown): AsJson {
  if (!Array.isArray(output)) {
    const problem = problemOf(output)
    return problem === undefined
      ? { value: output, problems: [] }
      : { value: null, problems: [`the output cannot be printed as JSON: ${problem}`] }
  }
  const found = output.map(problemOf)
  return {
    value: output.map((row: unknown, index) => (found[index] === undefined ? row : null)),
    problems: found.flatMap((problem, index) =>
      problem === undefined
        ? []
        : [`row ${index + 1} of the output cannot be printed as JSON: ${problem}`],
    ),
  }
}

/** For `JSON.stringify`, where a view is for people: tells what JSON has no word for. */
export function inWords(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (value instanceof Map || value instanceof Set) return [...value]
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value
}

function problemOf(value: unknown): string | undefined {
  try {
    JSON.stringify(value, insistOnSayable)
    return undefined
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return /circular/.test(message) ? 'it contains itself' : message
  }
}

/** For `JSON.stringify`, which makes something else of these without a word. */
function insistOnSayable(_name: string, value: unknown): unknown {
  const what = unsayable(value)
  if (what !== undefined) throw new TypeError(`it holds ${what}`)
  return value
}

function unsayable(value: unknown): string | undefined {
  if (typeof value === 'bigint') return 'a BigInt'
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : String(value)
  if (value instanceof Map) return 'a Map'
  if (value instanceof Set) return 'a Set'
  return ArrayBuffer.isView(value) ? 'bytes' : undefined
}
