/** The engines that `--engine` names. Apart from them, so that help loads none. */
export const ENGINE_KINDS = ['ollama', 'openai', 'llama', 'scripted', 'demonstration'] as const
export type EngineKind = (typeof ENGINE_KINDS)[number]
