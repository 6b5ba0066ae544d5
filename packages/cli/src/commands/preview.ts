import { repeated } from '../option-values.ts'
import type { Define } from '../program.ts'

const EXAMPLES = `
Every branch is walked once with the input that is given and values made up for the rest; every prompt is rendered as
a model would get it. Nothing is run and no model is called.

Examples:
  skein preview workflow.json --input topic=geese
  skein preview haiku.ts --json`

/** `skein preview`: every prompt of a workflow, without a model. */
export const definePreview: Define = (command, context) => {
  command
    .argument('<file>', "a workflow as JSON (ours, or Dria's), or a program that exports one")
    .option(
      '--input <name=value>',
      'an input; repeatable. JSON where the input is no text',
      repeated,
    )
    .option('--export <name>', 'which of the exports, where the file has several')
    .option(
      '--json',
      'print one JSON object: workflows, each with its steps and an output as it may look',
    )
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: PreviewOptions) => {
      const { previewFile } = await import('./preview-file.ts')
      context.exit(await previewFile(file, options, context.terminal))
    })
}

export interface PreviewOptions {
  readonly input?: readonly string[]
  readonly export?: string
  readonly json?: boolean
}
