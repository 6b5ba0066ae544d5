import { Option } from 'commander'
import { ENGINE_KINDS } from '../engine-kinds.ts'
import { positiveInteger, repeated } from '../option-values.ts'
import type { Define } from '../program.ts'
import type { NodeStartOptions } from './node-start.ts'

/** `skein node`: what the owner of a machine does with it. */
export const defineNode: Define = (command, context) => {
  command
    .command('start')
    .summary("lend this machine's models until stopped")
    .description(
      "Lends this machine's models to your network until Ctrl-C or SIGTERM; what it has begun it finishes.\n" +
        'Other programs of this machine come first: it runs at a lower priority.\n' +
        'Without options it lends the models of a running Ollama; without one, the demonstration model.',
    )
    .option('--name <name>', 'what people see in lists (default: the name of this machine)')
    .option(
      '--listen <address>',
      'where others reach it, host:port; repeatable (default: a free port of 127.0.0.1, this machine only)',
      repeated,
    )
    .addOption(new Option('--engine <kind>', 'what answers').choices(ENGINE_KINDS))
    .option('--ollama-host <address>', 'where Ollama listens (default: $OLLAMA_HOST)')
    .option(
      '--openai-url <url>',
      'an OpenAI-compatible server, with /v1; key in $SKEIN_OPENAI_API_KEY',
    )
    .option('--model <file>', 'a GGUF file, for --engine llama')
    .option('--script <file>', 'answers as JSON, for --engine scripted')
    .option('--slots <count>', 'tasks at once, for each model', positiveInteger)
    .option(
      '--allow-host <host>',
      'a host that tools of workflows may GET from over https; repeatable (default: none)',
      repeated,
    )
    .option('--tools <file>', 'hosts and limits for the tools of workflows, as JSON')
    .option('--home <folder>', 'settings folder (default: $SKEIN_HOME or that of the platform)')
    .option('--json', 'print one JSON object when ready, instead of lines')
    .option('--until-stdin-ends', 'stop when standard input ends: for programs that start nodes')
    .action(async (options: NodeStartOptions) => {
      const { startNode } = await import('./node-start.ts')
      context.exit(await startNode(options, context.terminal))
    })
}
