import type { StepTrace } from '@skein/workflows'
import type { Paint } from '../terminal.ts'
import { indented, printable } from './text.ts'

/** How the way of a workflow reads. */

const STEPS_SHOWN = 30

/** "3 steps: query → search → judge". */
export function drawWay(steps: readonly string[]): string {
  const shown = steps.length > STEPS_SHOWN ? [...steps.slice(0, STEPS_SHOWN), '…'] : steps
  const count = `${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`
  return steps.length === 0 ? 'no step ran' : `${count}: ${shown.map(printable).join(' → ')}`
}

/** What each visit to a step asked and what came back. */
export function drawTrace(trace: readonly StepTrace[], paint: Paint): string {
  return trace.map((entry, index) => drawEntry(entry, index, paint)).join('\n')
}

function drawEntry(entry: StepTrace, index: number, paint: Paint): string {
  const { step, prompt, answer, model, usage, finishReason, ms, error } = entry
  const asked = `${model}, ${usage.input} → ${usage.output} tokens, ${finishReason}, ${Math.round(ms)} ms`
  const title = paint('bold', `${index + 1}. ${printable(step)}`)
  return [
    model === '' ? title : `${title} ${paint('dim', printable(asked))}`,
    ...(prompt === '' ? [] : [indented(paint('dim', printable(prompt.trimEnd())), 2)]),
    error === undefined
      ? indented(`⇒ ${printable(answer.trimEnd())}`, 2)
      : indented(paint('red', `✗ ${printable(error)}`), 2),
  ].join('\n')
}
