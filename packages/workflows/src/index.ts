export { WorkflowBuilder } from './build/builder.ts'
export { checkWorkflow } from './check/check-document.ts'
export { type Finding, type FindingCode } from './check/finding.ts'
export { canonicalJson, sha256 } from './document/canonical.ts'
export {
  type Body,
  type Condition,
  type Edge,
  END,
  type Expression,
  type Input,
  type Output,
  type PostProcess,
  type Returns,
  type Step,
  type ToolDefinition,
  WorkflowDocument,
} from './document/document.ts'
export { isDria } from './dria/dria-document.ts'
export { toDria } from './dria/dria-export.ts'
export { fromDria } from './dria/dria-import.ts'
export { WorkflowError, type WorkflowErrorCode, type WorkflowErrorOptions } from './errors.ts'
export { type Grammar, grammarOf } from './grammar/grammar.ts'
export { interpret, type InterpretOptions, type PausingOptions } from './interpret/interpreter.ts'
export {
  GetAll,
  type InferShape,
  Insert,
  type OutputTo,
  Peek,
  Pop,
  Push,
  Read,
  type Reference,
  type References,
  type Shape,
  Size,
  Text,
  WholeInput,
  Write,
} from './build/memory-types.ts'
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
  Pause,
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
export { parseWorkflow } from './document/parse.ts'
export { rehearse, type Rehearsal, type RehearsedStep } from './rehearse/rehearse.ts'
export type { CheckPrompt, PromptVariables } from './build/prompt-variables.ts'
export type {
  BuildOptions,
  GenerativeOptions,
  StepOptions,
  ToolOptions,
} from './build/step-options.ts'
export { repeatedNameIn } from './document/repeated-name.ts'
export { type Workflow, workflowFrom, workflowId } from './document/workflow.ts'
