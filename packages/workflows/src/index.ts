export { WorkflowBuilder, type BuildOptions, type StepOptions } from './builder.ts'
export { canonicalJson, sha256 } from './canonical.ts'
export {
  END,
  type Condition,
  type Edge,
  type Input,
  type Output,
  type PostProcess,
  type Returns,
  type Step,
  WorkflowDocument,
} from './document.ts'
export { WorkflowError, type WorkflowErrorCode } from './errors.ts'
export { interpret, type InterpretOptions } from './interpreter.ts'
export {
  GetAll,
  type InferShape,
  Peek,
  Pop,
  Push,
  Read,
  type Shape,
  Size,
  Text,
  WholeInput,
  Write,
} from './memory-types.ts'
export type {
  Answer,
  BranchAnswer,
  Checkpoint,
  Completion,
  CompletionNeed,
  Embedding,
  EmbedNeed,
  Failure,
  FinishReason,
  HttpRequest,
  JsonSchema,
  Message,
  Need,
  Outcome,
  ParallelNeed,
  Result,
  Sampling,
  SearchNeed,
  SingleAnswer,
  SingleNeed,
  SkippedStep,
  StepTrace,
  ToolCall,
  ToolNeed,
  ToolSpec,
  Usage,
} from './needs.ts'
export { parseWorkflow } from './parse.ts'
export type { CheckPrompt, PromptVariables } from './prompt-variables.ts'
export { workflowFrom, workflowId, type Workflow } from './workflow.ts'
