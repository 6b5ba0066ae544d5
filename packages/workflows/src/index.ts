export { WorkflowBuilder } from './builder.ts'
export { canonicalJson, sha256 } from './canonical.ts'
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
} from './document.ts'
export { isDria } from './dria-document.ts'
export { toDria } from './dria-export.ts'
export { fromDria } from './dria-import.ts'
export { WorkflowError, type WorkflowErrorCode, type WorkflowErrorOptions } from './errors.ts'
export { type Grammar, grammarOf } from './grammar.ts'
export { interpret, type InterpretOptions } from './interpreter.ts'
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
export type { BuildOptions, GenerativeOptions, StepOptions, ToolOptions } from './step-options.ts'
export { type Workflow, workflowFrom, workflowId } from './workflow.ts'
