export { Client, createClient } from './client.ts'
export { type ClientOptions } from './client-options.ts'
export { isRounded } from './data/exact-json.ts'
export { read, type ReadOptions } from './data/read.ts'
export { save } from './data/save.ts'
export { type Duration } from './duration.ts'
export { ClientError, type ClientErrorCode } from './errors.ts'
export {
  type AnyRunnable,
  type Cardinality,
  type ElementOf,
  type ListColumn,
  type Many,
  type Merge,
  type NeedsOfAll,
  type One,
  type Runnable,
  type WithColumn,
} from './plan/fits.ts'
export { chain } from './plan/chain.ts'
export { external, type ExternalDefinition } from './plan/external.ts'
export { graph, type GraphBuilder, type GraphInput, type PartOptions } from './plan/graph.ts'
export { type BatchContext, type CoalesceOptions, type Means } from './plan/means.ts'
export { plans, type AnyPipeline, type Plans } from './plan/plans.ts'
export { type Plan } from './plan/plan.ts'
export { type PlanRemark, type PlanReport } from './plan/check-plan.ts'
export { type PlanChange } from './plan/plan-diff.ts'
export { type Snapshot } from './plan/snapshot.ts'
export { type Ref, type Resolved } from './plan/ref.ts'
export { type Registry } from './plan/registry.ts'
export { type ConnectOptions } from './network/membership.ts'
export {
  pipeline,
  type CombineOptions,
  type ParallelOptions,
  type Pipeline,
  type PipelineOptions,
  type StepOptions,
} from './plan/pipeline.ts'
export { type CacheOptions, type PolicyOptions, type RetryOptions } from './plan/policy.ts'
export { type ModelGroups } from './scheduler/model-groups.ts'
export { type ModelSummary, type NodeSummary } from './scheduler/roster.ts'
export { type ProgressEvent, type RunEvent, type TaskEvent } from './run/run-events.ts'
export { type Route, type RouteContext } from './run/local-step.ts'
export { type Ancestor, type Ancestry } from './run/ancestry.ts'
export { type GenerateOptions } from './run/generate.ts'
export { type RecordedFailure, RecordedRuns } from './run/recorded-runs.ts'
export { type RerunOptions, type ResumeOptions, type RunOptions } from './run/run-options.ts'
export { type TakeOver, type TakeOverOptions } from './run/take-over.ts'
export { type RunStatus, type StepStatus } from './run/run-status.ts'
export {
  RunError,
  type Failure,
  type NodeShare,
  type RunResult,
  type RunStats,
  type StepStats,
  type TaskReport,
} from './run/run-result.ts'
export { type Run } from './run/run.ts'
export { type Stack } from './run/stack.ts'
export { type CatchUp, type Overlap } from './schedule/firings.ts'
export { type ScheduleOptions } from './schedule/schedule-options.ts'
export { type Schedule } from './schedule/schedule.ts'
export { type Timing } from './schedule/timetable.ts'
export {
  step,
  type Given,
  type MapOptions,
  type Step,
  type StepContext,
  type StepDefinition,
  type WorkerStepDefinition,
} from './plan/step.ts'
export { type Cache, type CacheFilter } from './store/cache.ts'
export { createMemoryStore, type MemoryStoreOptions } from './store/memory-store.ts'
export {
  type DeadLetter,
  type FailOptions,
  type Leased,
  type LeaseOptions,
  type PushOptions,
  type Queue,
  type Transaction,
} from './store/queue.ts'
export {
  type RunBook,
  type RunEnding,
  type RunHead,
  type RunHolder,
  type RunRecord,
} from './store/run-book.ts'
export { createSqliteStore, type SqliteStoreOptions } from './store/sqlite-store.ts'
export {
  type CallIdentity,
  type CallRecord,
  type Journal,
  type JournalReader,
  type Note,
  type Origin,
  type Store,
} from './store/store.ts'
export { type QueueOptions, type Queues } from './tasks/queues.ts'
export { type Completion, type ExternalTask, TaskDesk } from './tasks/task-desk.ts'
export { tasksHandler, type TasksHandler, type TasksHandlerOptions } from './tasks/tasks-handler.ts'
export { type TaskResult, type Tokens } from './run/task-result.ts'
