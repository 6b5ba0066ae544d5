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
