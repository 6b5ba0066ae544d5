import {
  interpret,
  type Answer,
  type Need,
  type SingleAnswer,
  type SingleNeed,
  type WorkflowDocument,
} from '@skein/workflows'

/** Questions after which a walk is left: the rest is more of the same. */
const MAX_QUESTIONS = 60

const usage = { input: 1, output: 1 }

/** What a model may say, in turn. */
const TEXTS = [
  'yes',
  '7',
  '["a", "b"]',
  '{"score": 8, "why": "clear"}',
  '<tool_call>{"name": "f", "arguments": {"q": "geese"}}</tool_call>',
  '',
] as const

/** Walks a workflow on made-up answers to its end, or for a while. */
export function walkOn(
  document: WorkflowDocument,
  input: Readonly<Record<string, unknown>>,
  texts: readonly string[] = TEXTS,
): void {
  const walk = interpret(document, input, { trace: true, seed: 1 })
  const open = new Map<string, SingleNeed>()
  let next = walk.next()
  for (let count = 0; next.done !== true && count < MAX_QUESTIONS; count += 1) {
    next = walk.next(reply(next.value, open, texts[count % texts.length] ?? ''))
  }
  if (next.done === true) JSON.stringify(next.value.output)
}

function reply(need: Need, open: Map<string, SingleNeed>, text: string): Answer {
  if (need.kind !== 'parallel') return answerTo(need, text)
  for (const branch of need.stop) open.delete(branch)
  for (const { branch, need: single } of need.start) open.set(branch, single)
  const [first] = open
  if (first === undefined) throw new TypeError('a parallel need with nothing under way')
  open.delete(first[0])
  return { kind: 'branch', branch: first[0], answer: answerTo(first[1], text) }
}

function answerTo(need: SingleNeed, text: string): SingleAnswer {
  if (text === '') return { kind: 'failure', code: 'FAILED', message: 'no', retryable: true }
  if (need.kind === 'embed')
    return { kind: 'embedding', vectors: need.texts.map(() => [1, 0]), model: 'm' }
  if (need.kind !== 'completion') return { kind: 'result', value: { text } }
  return { kind: 'completion', text, model: 'm', finishReason: 'stop', usage, ms: 1 }
}
