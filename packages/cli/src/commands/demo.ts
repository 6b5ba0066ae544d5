import { positiveInteger } from '../option-values.ts'
import type { Define } from '../program.ts'

/** `skein demo`: the quickest way to see what Skein is. */
export const defineDemo: Define = (command, context) => {
  command
    .description(
      'Starts three nodes on this machine and a client, rewrites an instruction into five variations and\n' +
        "carries each out on the network. Uses your Ollama's model if one runs, else a demonstration model.",
    )
    .option('--instruction <text>', 'what to do', 'Write a haiku about migrating geese')
    .option('--nodes <count>', 'how many nodes', positiveInteger, 3)
    .option('--model <name>', 'which model answers (default: the first that can chat)')
    .action(async (options: { instruction: string; nodes: number; model?: string }) => {
      const { runDemo } = await import('../demo/demo.ts')
      context.exit(await runDemo(options, context.terminal))
    })
}
