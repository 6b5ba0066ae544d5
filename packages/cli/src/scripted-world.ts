import { setImmediate } from 'node:timers/promises'
import {
  interpret,
  WorkflowError,
  type Answer,
  type Completion,
  type CompletionNeed,
  type EmbedNeed,
  type Failure,
  type Need,
  type Outcome,
  type SearchNeed,
  type SingleAnswer,
  type SingleNeed,
  type StepTrace,
  type ToolNeed,
  type WorkflowDocument,
} from '@skein/workflows'
import type { AnswerScript, ScriptedReply } from './answer-script.ts'
import { CliError } from './errors.ts'

/**
 * A workflow in this process, on scripted answers. No model, no network:
 *
 * - a step that asks a model takes the next answer of its list; JSON is answered as its text;
 * - a search takes the next answer of its step, else it finds as many made-up results as it asked for;
 * - a tool takes the next answer under its own name, else it says what it was called with;
 * - texts are as alike as the words they have in common.
 *
 * Of branches that run side by side, what was begun first is answered first.
 */
export async function runScripted(
  document: WorkflowDocument,
  input: Readonly<Record<string, unknown>>,
  { script, trace = false }: { readonly script: AnswerScript; readonly trace?: boolean },
): Promise<ScriptedRun> {
  const steps: string[] = []
  const open = new Map<string, SingleNeed>()
  const visits: StepTrace[] = []
  const walk = interpret(document, input, { trace: trace && visits, pauses: true })
  try {
    let next = walk.next()
    while (next.done !== true) {
      if (next.value.kind === 'pause') {
        await setImmediate()
        next = walk.next()
      } else {
        note(steps, next.value)
        next = walk.next(answerTo(next.value, open, script))
      }
    }
    return { ok: true, outcome: next.value }
  } catch (error) {
    if (error instanceof WorkflowError) return { ok: false, error, steps, trace: visits }
    throw error
  }
}

/** What a scripted run came to; `steps` of one that failed are those that asked for something. */
export type ScriptedRun =
  | { readonly ok: true; readonly outcome: Outcome }
  | {
      readonly ok: false
      readonly error: WorkflowError
      readonly steps: readonly string[]
      readonly trace: readonly StepTrace[]
    }

function note(steps: string[], need: Need): void {
  const needs = need.kind === 'parallel' ? need.start.map((entry) => entry.need) : [need]
  for (const single of needs) {
    const isFirst = single.kind === 'completion' ? single.attempt === 1 : single.kind === 'search'
    if (isFirst) steps.push(single.step)
  }
}

function answerTo(need: Need, open: Map<string, SingleNeed>, script: AnswerScript): Answer {
  if (need.kind !== 'parallel') return singleAnswer(need, script)
  for (const branch of need.stop) open.delete(branch)
  for (const { branch, need: single } of need.start) open.set(branch, single)
  const [first] = open
  if (first === undefined)
    throw new CliError('FAILED', `the branches of '${need.step}' ask nothing`)
  const [branch, single] = first
  open.delete(branch)
  return { kind: 'branch', branch, answer: singleAnswer(single, script) }
}

function singleAnswer(need: SingleNeed, script: AnswerScript): SingleAnswer {
  if (need.kind === 'completion') return completion(need, script.next(need.step))
  if (need.kind === 'embed') return embedding(need)
  const scripted = script.next(need.kind === 'search' ? need.step : need.call.name)
  if (scripted === undefined) {
    return { kind: 'result', value: need.kind === 'search' ? madeUpResults(need) : echo(need) }
  }
  if ('error' in scripted) return failure(scripted.error)
  return { kind: 'result', value: scripted.value }
}

function completion(need: CompletionNeed, scripted: ScriptedReply | undefined): SingleAnswer {
  if (scripted === undefined) {
    throw new CliError('USAGE', `step '${need.step}' asks a model, and the script has no answer`, {
      mend: `Add a list of answers: "${need.step}": ["…"]`,
    })
  }
  if ('error' in scripted) return failure(scripted.error)
  const text = textOf(scripted.value)
  const read = need.messages.reduce((sum, { content }) => sum + tokensOf(content), 0)
  return {
    kind: 'completion',
    text,
    model: 'script',
    finishReason: 'stop',
    usage: { input: read, output: tokensOf(text) },
    ms: 0,
  } satisfies Completion
}

/** May be tried again, as a model server's failure may: a step with `retry` takes the next answer. */
function failure(message: string): Failure {
  return { kind: 'failure', code: 'SCRIPTED', message, retryable: true }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Some four characters each. */
function tokensOf(text: string): number {
  return Math.ceil(text.length / 4)
}

function madeUpResults({ query, count }: SearchNeed): unknown {
  return Array.from({ length: count }, (_, index) => ({
    title: `Result ${index + 1} for ${query}`,
    link: `https://example.invalid/${index + 1}`,
    snippet: `What page ${index + 1} says about ${query}.`,
  }))
}

function echo({ call }: ToolNeed): string {
  return `${call.name}(${textOf(call.arguments)})`
}

function embedding({ texts }: EmbedNeed): SingleAnswer {
  const places = new Map<string, number>()
  const counts = texts.map((text) => {
    const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
    return words.map((word) => {
      const place = places.get(word) ?? places.size
      places.set(word, place)
      return place
    })
  })
  const vectors = counts.map((found) => {
    const vector = Array.from({ length: places.size }, () => 0)
    for (const place of found) vector[place] = (vector[place] ?? 0) + 1
    return vector
  })
  return { kind: 'embedding', vectors, model: 'script' }
}
