import { InvalidArgumentError } from 'commander'
import { positiveInteger, someText } from '../option-values.ts'
import type { Define } from '../program.ts'

/** Each is a process with a model of its own: more would only fill this machine. */
const MOST_NODES = 16

/** `skein demo`: the quickest way to see what Skein is. */
export const defineDemo: Define = (command, context) => {
  command
    .description(
      'Starts three nodes on this machine and a client, rewrites an instruction into five variations and\n' +
        "carries each out on the network. Uses your Ollama's model if one runs, else a demonstration model.",
    )
    .option('--instruction <text>', 'what to do', someText, 'Write a haiku about migrating geese')
    .option('--nodes <count>', 'how many nodes', nodeCount, 3)
    .option('--model <name>', 'which model answers (default: the first that can chat)')
    .action(async (options: { instruction: string; nodes: number; model?: string }) => {
      const { runDemo } = await import('../demo/demo.ts')
      context.exit(await runDemo(options, context.terminal))
    })
}

function nodeCount(text: string): number {
  const count = positiveInteger(text)
  if (count <= MOST_NODES) return count
  throw new InvalidArgumentError(`It must be at most ${MOST_NODES}.`)
}
