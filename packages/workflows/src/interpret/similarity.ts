import { WorkflowError } from '../errors.ts'

/** Characters of a stored piece: what an embedding model takes in as one thought. */
const PIECE_CHARS = 250
/** How alike texts must be where a condition does not say. */
export const DEFAULT_SIMILARITY = 0.95

/** Cuts a text into pieces at spaces, so that a long text can be found by any of its parts. */
export function pieces(text: string): readonly string[] {
  const found: string[] = []
  let rest = text.trim()
  while (rest.length > PIECE_CHARS) {
    const space = rest.lastIndexOf(' ', PIECE_CHARS)
    const end = space > PIECE_CHARS / 2 ? space : PIECE_CHARS
    found.push(rest.slice(0, end).trim())
    rest = rest.slice(end).trim()
  }
  if (rest !== '') found.push(rest)
  return found
}

/**
 * The cosine of two vectors: 1 for the same direction, 0 where one has no length.
 *
 * @throws {WorkflowError} `STEP_FAILED` where they have different lengths
 */
export function similarity(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) {
    throw new WorkflowError('STEP_FAILED', 'the embedding model gave vectors of different lengths')
  }
  let dot = 0
  let lengthA = 0
  let lengthB = 0
  for (const [index, x] of a.entries()) {
    const y = b[index] ?? 0
    dot += x * y
    lengthA += x * x
    lengthB += y * y
  }
  const length = Math.sqrt(lengthA) * Math.sqrt(lengthB)
  return length === 0 ? 0 : dot / length
}
