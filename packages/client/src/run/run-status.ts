import type { StepStats } from './run-result.ts'

/** How far a run is. */
export interface RunStatus {
  readonly state: 'running' | 'done' | 'failed' | 'cancelled' | 'interrupted' | 'damaged'
  /** Since it was begun or taken up, until its end. */
  readonly ms: number
  /** Rows that have left the plan. */
  readonly rows: number
  readonly failures: number
  /** Read and written, all together. */
  readonly tokens: number
  readonly bySteps: readonly StepStatus[]
}

export interface StepStatus extends StepStats {
  /** Rows that came to it and have not left it. */
  readonly running: number
}
