/** Letters of a word that may be wrong: two neighbours swapped in a word of five count as two. */
const WRONG_SHARE = 0.4

/** The candidate that was probably meant, if one is near enough. */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Math.min(word.length - 1, Math.ceil(word.length * WRONG_SHARE)) + 1
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < least) [best, least] = [candidate, distance]
  }
  return best
}

/** " Did you mean X?", or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const meant = closest(word, candidates)
  return meant === undefined ? '' : ` Did you mean ${meant}?`
}

/** Letters to insert, delete or replace. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column)
  Array.from(a).forEach((letter, row) => {
    const current = [row + 1]
    for (let column = 1; column <= b.length; column++) {
      const insertion = (current[column - 1] ?? 0) + 1
      const deletion = (above[column] ?? 0) + 1
      const replacement = (above[column - 1] ?? 0) + (letter === b[column - 1] ? 0 : 1)
      current.push(Math.min(insertion, deletion, replacement))
    }
    above = current
  })
  return above[b.length] ?? 0
}
