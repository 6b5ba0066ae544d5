export type { Patience } from './completion.ts'
export { DEMONSTRATION_MODEL, demonstrationEngine } from './engines/demonstration.ts'
export {
  EngineError,
  type Capability,
  type EmbedRequest,
  type Engine,
  type EngineErrorCode,
  type EngineHealth,
  type GenerateEvent,
  type GenerateRequest,
  type GenerateTiming,
  type ModelInfo,
} from './engines/engine.ts'
export {
  findEngines,
  type FindEnginesOptions,
  type Finding,
  type FoundEngines,
} from './engines/find-engines.ts'
export { createLlamaEngine, type LlamaOptions } from './engines/llama.ts'
export { createOllamaEngine, type OllamaOptions } from './engines/ollama.ts'
export { createOpenAiEngine, type OpenAiOptions } from './engines/openai.ts'
export { parseScript, type Script } from './engines/script.ts'
export { createScriptedEngine, type ScriptedOptions } from './engines/scripted.ts'
export {
  createNode,
  type Logger,
  type Node,
  type NodeComponents,
  type NodeOptions,
} from './node.ts'
export type { ClientStatus, ModelStatus, NodeStatus } from './status.ts'
export type { HttpComponents } from './tools/http-tool.ts'
export { parseToolPolicy } from './tools/parse-tool-policy.ts'
export { ToolError, type ToolErrorCode } from './tools/tool-error.ts'
export type { AllowedHost, NodeTool, SearchQuery, ToolPolicy } from './tools/tool-policy.ts'
