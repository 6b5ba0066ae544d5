export { Client, createClient, type ClientOptions, type GenerateOptions } from './client.ts'
export { type Duration } from './duration.ts'
export { ClientError, type ClientErrorCode } from './errors.ts'
export { type Cardinality, type Many, type One, type Runnable } from './fits.ts'
export { type ConnectOptions } from './membership.ts'
export { pipeline, type Pipeline, type StepOptions } from './pipeline.ts'
export { type PolicyOptions, type RetryOptions } from './policy.ts'
export { type ModelSummary, type NodeSummary } from './roster.ts'
export { type ProgressEvent, type RunEvent, type TaskEvent } from './run-events.ts'
export { type RunOptions } from './run-options.ts'
export {
  RunError,
  type Failure,
  type NodeShare,
  type RunResult,
  type RunStats,
  type StepStats,
} from './run-result.ts'
export { type Run } from './run.ts'
export { step, type Step, type StepContext, type StepDefinition } from './step.ts'
export {
  createMemoryStore,
  type CallIdentity,
  type CallRecord,
  type Journal,
  type Origin,
  type Store,
} from './store.ts'
export { type TaskResult, type Tokens } from './task-result.ts'
