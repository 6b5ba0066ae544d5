import type { RecordedRuns } from '@skein/client'
import { summaryOf, type RunSummary } from './views/runs.ts'

/** Of a damaged run. */
const UNKNOWN = { rows: 0, failures: 0, tokens: 0, ms: 0 }

export interface Summaries {
  /** The latest first. */
  readonly runs: readonly RunSummary[]
  /** Whether there are older ones. */
  readonly hasMore: boolean
}

/** So many runs and how far they are. */
export async function summarize(
  runs: RecordedRuns,
  { limit, project }: { readonly limit: number; readonly project?: string | undefined },
): Promise<Summaries> {
  const list = await runs.list({ limit: limit + 1, ...(project !== undefined && { project }) })
  const summaries = await Promise.all(
    list.slice(0, limit).map(async (record) => {
      const isDamaged = record.state === 'damaged'
      return summaryOf(record, isDamaged ? UNKNOWN : await runs.status(record.id))
    }),
  )
  return { runs: summaries, hasMore: list.length > limit }
}
