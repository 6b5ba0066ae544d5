import process from 'node:process'
import { EngineError, type GenerateRequest } from './engine.ts'
import { answer, type OpenModel, type Turn } from './llama-answer.ts'
import { loadLibrary, type Sequence } from './llama-library.ts'
import type { Finish, FromChild, ToChild } from './llama-messages.ts'
import { Turnstile } from './turnstile.ts'

// The embedded engine's child process: one model, some sequences. It may be aborted by the native
// library at any moment; whatever matters lives in its parent.

/** Kept free at the end of each context, so that the library never shifts it. */
const MARGIN_TOKENS = 16

let opened: (OpenModel & { readonly turnstile: Turnstile }) | undefined
const free: Sequence[] = []
const running = new Map<number, AbortController>()

function tell(message: FromChild): void {
  if (process.connected) process.send?.(message)
}

async function open(message: Extract<ToChild, { type: 'open' }>): Promise<void> {
  const { path, slots, threads } = message
  const library = await loadLibrary()
  const llama = await library.getLlama({
    gpu: false,
    build: 'never',
    logLevel: library.LlamaLogLevel.error,
    maxThreads: threads,
  })
  const model = await llama.loadModel({ modelPath: path })
  const contextSize = Math.min(message.contextLength, model.trainContextSize)
  const context = await model.createContext({ contextSize, sequences: slots, threads })
  for (let slot = 0; slot < slots; slot += 1) free.push(context.getSequence())
  // The file's own template; the library's guess where it has none.
  const wrapper =
    library.resolveChatWrapper(model, { type: 'jinjaTemplate' }) ??
    library.resolveChatWrapper(model, { type: 'auto' })
  if (wrapper === null)
    throw new EngineError('CAPABILITY_MISSING', 'The model has no chat template')
  const contextLength = contextSize - MARGIN_TOKENS
  opened = { library, llama, model, wrapper, contextLength, turnstile: new Turnstile(slots) }
  tell({ type: 'opened', contextLength })
}

async function generate({ id, request }: Extract<ToChild, { type: 'generate' }>): Promise<void> {
  const controller = new AbortController()
  running.set(id, controller)
  try {
    const finish = await inTurn(request, controller.signal, (type, text) => {
      tell({ type, id, text })
    })
    tell({ type: 'finish', id, ...finish })
  } catch (error) {
    tell({ type: 'failed', id, ...describe(error) })
  } finally {
    running.delete(id)
  }
}

/** Waits out a request that was just aborted and still holds its sequence. */
async function inTurn(
  request: GenerateRequest,
  signal: AbortSignal,
  emit: Turn['emit'],
): Promise<Finish> {
  if (opened === undefined) throw new EngineError('UNAVAILABLE', 'The model is not in memory yet')
  const { turnstile } = opened
  await turnstile.enter(signal)
  const sequence = free.pop()
  try {
    if (sequence === undefined) throw new EngineError('BUSY', 'The model has no free sequence')
    return await answer(opened, request, { sequence, signal, emit })
  } finally {
    if (sequence !== undefined) free.push(sequence)
    turnstile.leave()
  }
}

function refuse(path: string, error: unknown): void {
  const { code, message } = describe(error)
  if (error instanceof EngineError) tell({ type: 'refused', code, message })
  else tell({ type: 'refused', code: 'UNAVAILABLE', message: `Cannot load ${path}: ${message}` })
}

function describe(
  error: unknown,
): Pick<Extract<FromChild, { type: 'failed' }>, 'code' | 'message'> {
  const message = error instanceof Error ? error.message : String(error)
  return { code: error instanceof EngineError ? error.code : 'BAD_RESPONSE', message }
}

process.on('message', (message: ToChild) => {
  switch (message.type) {
    case 'open':
      open(message).catch((error: unknown) => {
        refuse(message.path, error)
      })
      break
    case 'generate':
      void generate(message)
      break
    case 'abort':
      running.get(message.id)?.abort(new EngineError('ABORTED', 'Stopped'))
      break
  }
})
// Ctrl-C and a service manager's stop reach the whole group; the parent finishes first.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
process.on('disconnect', () => {
  process.exit()
})
