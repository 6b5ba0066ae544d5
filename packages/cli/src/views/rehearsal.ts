import type { Message, RehearsedStep } from '@skein/workflows'
import type { Paint } from '../terminal.ts'
import { indented, printable } from './text.ts'

/** How what a workflow would ask reads: a part for each question. */
export function drawRehearsal(steps: readonly RehearsedStep[], paint: Paint): string {
  return steps.map((step) => drawStep(step, paint)).join('\n\n')
}

function drawStep(entry: RehearsedStep, paint: Paint): string {
  const { step, operator, inside, after, messages = [], query, schema, tools, problem } = entry
  const way = [
    ...(inside === undefined ? [] : [`in ${inside}`]),
    ...(after === undefined ? [] : [`after ${after}`]),
  ]
  const title = `${paint('bold', printable(step))} ${paint('dim', printable([operator, ...way].join(', ')))}`
  const lines = [
    ...messages.map((message) => drawMessage(message, paint)),
    ...(query === undefined ? [] : [printable(query)]),
    ...(schema === undefined
      ? []
      : [paint('dim', `answers as ${printable(JSON.stringify(schema))}`)]),
    ...(tools === undefined ? [] : [paint('dim', `may call ${printable(tools.join(', '))}`)]),
    ...(problem === undefined ? [] : [paint('red', `cannot be asked: ${printable(problem)}`)]),
  ]
  return [title, ...lines.map((line) => indented(line, 2))].join('\n')
}

function drawMessage({ role, content, images = [] }: Message, paint: Paint): string {
  const text = printable(content.trimEnd())
  const pictures = images.length === 0 ? '' : paint('dim', ` (with ${images.length} pictures)`)
  return role === 'user' ? `${text}${pictures}` : `${paint('dim', `${role}:`)} ${text}${pictures}`
}
