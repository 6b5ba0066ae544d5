import type { ModelSummary, TaskResult } from '@skein/client'
import type { Paint } from '../terminal.ts'
import { indented, oneLine, printable, rate } from './text.ts'

/** What the demonstration says. */

const INDENT = 3
const LONGEST_LINE = 400

/** Which model answers, and who takes part. */
export function introduceModel(
  { name, demonstration }: Pick<ModelSummary, 'name' | 'demonstration'>,
  nodes: readonly string[],
  instruction: string,
): readonly string[] {
  const model = demonstration
    ? `${name}, the demonstration model: it shows the network, not intelligence.\n` +
      '       With Ollama running, its model answers instead: https://ollama.com'
    : `${printable(name)}, of the model server on this machine.`
  return [
    `Model  ${model}`,
    `Nodes  ${nodes.join(', ')}: ${nodes.length === 1 ? 'a process of its own' : 'processes of their own'}, reached over libp2p on 127.0.0.1`,
    `Asked  ${oneLine(instruction, LONGEST_LINE)}`,
    '',
  ]
}

/** Each answer below the variation that it carries out, with the node that wrote it and how fast. */
export function drawAnswers(answers: readonly TaskResult<unknown>[], paint: Paint): string {
  return answers
    .map(({ input, output, node, tokensPerSecond }, index) => {
      const title = `${index + 1}. ${paint('bold', oneLine(instructionOf(input), LONGEST_LINE))}`
      const speed = tokensPerSecond === undefined ? '' : `, ${rate(tokensPerSecond)} tokens/s`
      const origin = paint('dim', `— ${printable(node)}${speed}`)
      return `${title}\n${indented(`${printable(String(output).trim())}\n${origin}`, INDENT)}\n`
    })
    .join('\n')
}

/** What to try when it worked. `isRepository`: the examples are at hand. */
export function drawNextSteps(paint: Paint, isRepository: boolean): string {
  const demo = isRepository ? 'npm start --' : 'npx skein demo'
  const program = isRepository ? 'examples/haiku.ts' : 'FILE.ts'
  return [
    '',
    paint('bold', 'Try next'),
    `  ${demo} --instruction "Write a haiku about the moon"`,
    "  npx skein node start      lend this machine's models, in one terminal",
    `  npx skein run ${program} --input instruction="Write a haiku about the sea"`,
    '                            and run pipelines on them in another',
    '  npx skein doctor          what this machine has and what it lacks',
  ].join('\n')
}

function instructionOf(input: unknown): string {
  const hasOne = typeof input === 'object' && input !== null && 'instruction' in input
  return hasOne ? String(input.instruction) : String(input)
}
