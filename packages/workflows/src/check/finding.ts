const CODES = [
  'UNREADABLE',
  'UNKNOWN_KEY',
  'UNKNOWN_STEP',
  'SAME_ID',
  'MISSING_RETURN',
  'UNWRITTEN_RETURN',
  'READ_BEFORE_WRITTEN',
  'MAYBE_UNWRITTEN',
  'NEVER_WRITTEN',
  'UNREAD_KEY',
  'UNREAD_INPUT',
  'UNREACHABLE_STEP',
  'UNREACHABLE_EDGE',
  'NO_END',
  'NO_WAY_ON',
  'ENDLESS_CIRCLE',
  'UNRUNNABLE_TOOL',
  'UNHEEDED_INPUT',
  'TOO_FEW_STEPS',
  'PARTLY_CHECKED',
] as const

/** What a check can find. */
export type FindingCode = (typeof CODES)[number]

/** Something wrong with a workflow, or likely not meant. */
export interface Finding {
  /** An error fails in every run that comes to it; a warning may be meant. */
  readonly severity: 'error' | 'warning'
  readonly code: FindingCode
  /** Where it stands in the document: `steps[2].prompt`. Empty: the document as a whole. */
  readonly path: string
  readonly message: string
  /** What to do about it. */
  readonly mend: string
}

/** Names in a sentence: "'a', 'b' and 3 more". */
export function quoted(names: readonly string[]): string {
  const shown = names.slice(0, 6).map((name) => `'${name}'`)
  const more = names.length - shown.length
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ')
}
