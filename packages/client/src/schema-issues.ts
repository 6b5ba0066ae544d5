import type { z } from 'zod'

/** Where a value does not match its schema, in one line: `age: expected number, received string`. */
export function describeIssues({
  issues,
}: {
  readonly issues: readonly z.core.$ZodIssue[]
}): string {
  const shown = issues.slice(0, 3).map(({ path, message }) => {
    const place = path.map(String).join('.')
    return place === '' ? message : `${place}: ${message}`
  })
  const more = issues.length > shown.length ? `; and ${issues.length - shown.length} more` : ''
  return shown.join('; ') + more
}
