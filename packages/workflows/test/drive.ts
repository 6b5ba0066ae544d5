import {
  interpret,
  parseWorkflow,
  type Answer,
  type Completion,
  type InterpretOptions,
  type Need,
  type Outcome,
  type SingleAnswer,
  type SingleNeed,
} from '../src/index.ts'

/** What a step's model answers, in order; the last one is repeated. */
export type Script = Readonly<Record<string, readonly (string | SingleAnswer)[]>>

export interface Driven {
  readonly outcome: Outcome
  readonly needs: readonly Need[]
  readonly answers: readonly Answer[]
}

/** An answer of a model. */
export function says(text: string, more: Partial<Completion> = {}): Completion {
  return {
    kind: 'completion',
    text,
    model: 'm',
    finishReason: 'stop',
    usage: { input: 3, output: 2 },
    ms: 5,
    ...more,
  }
}

/** The world's failure. */
export function fails(message: string, retryable = false): SingleAnswer {
  return { kind: 'failure', code: 'FAILED', message, retryable }
}

interface World extends InterpretOptions {
  readonly script: Script
  readonly embed?: (need: Extract<Need, { kind: 'embed' }>) => SingleAnswer
}

/** Runs a workflow on scripted answers. */
export function drive(
  document: unknown,
  input: Readonly<Record<string, unknown>>,
  { script, embed, ...options }: World,
): Driven {
  const walk = interpret(parseWorkflow(document), input, options)
  const asked = new Map<string, number>()
  const needs: Need[] = []
  const answers: Answer[] = []
  const open = new Map<string, SingleNeed>()
  const answerTo = (need: SingleNeed): SingleAnswer => {
    if (need.kind === 'embed' && embed !== undefined) return embed(need)
    const texts = script[need.step] ?? []
    const count = asked.get(need.step) ?? 0
    asked.set(need.step, count + 1)
    const answer = texts[Math.min(count, texts.length - 1)] ?? fails(`no answer for '${need.step}'`)
    return typeof answer === 'string' ? says(answer) : answer
  }
  const reply = (need: Need): Answer => {
    if (need.kind !== 'parallel') return answerTo(need)
    for (const branch of need.stop) open.delete(branch)
    for (const { branch, need: single } of need.start) open.set(branch, single)
    const [first] = open
    if (first === undefined) throw new TypeError('a parallel need with nothing under way')
    open.delete(first[0])
    return { kind: 'branch', branch: first[0], answer: answerTo(first[1]) }
  }
  let next = walk.next()
  while (next.done !== true) {
    needs.push(next.value)
    const answer = reply(next.value)
    answers.push(answer)
    next = walk.next(answer)
  }
  return { outcome: next.value, needs, answers }
}

/** The last message of each question that a run asked. */
export function prompts({ needs }: Driven): readonly string[] {
  return needs.flatMap((need) => {
    const singles = need.kind === 'parallel' ? need.start.map((entry) => entry.need) : [need]
    return singles.flatMap((single) =>
      single.kind === 'completion' ? [single.messages.at(-1)?.content ?? ''] : [],
    )
  })
}

/** A document with what every document has. */
export function workflow(parts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { version: 1, name: 'w', input: {}, ...parts }
}

/** A generation step. */
export function step(id: string, prompt: string, more: object = {}): Record<string, unknown> {
  return { id, operator: 'generation', prompt, ...more }
}
