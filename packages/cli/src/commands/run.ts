import { repeated, waitForNodes } from '../option-values.ts'
import type { Define } from '../program.ts'
import type { RunCommandOptions } from './run-program.ts'

const EXAMPLES = `
Examples:
  skein run haiku.ts --input instruction="Write a haiku about geese"
  skein run sentiment.ts --inputs reviews.jsonl --json > verdicts.json
  skein run workflow.json --input topic=geese --script answers.json --trace
  cat reviews.jsonl | skein run sentiment.ts --inputs - --local
  skein run sentiment.ts --inputs reviews.jsonl --id monday --save verdicts.csv

Every run is recorded: skein runs resume ID goes on where one stopped.`

/** `skein run`: a pipeline or workflow of a file, on the nodes of the network. */
export const defineRun: Define = (command, context) => {
  command
    .argument(
      '<file>',
      'a TypeScript or JavaScript file that exports a pipeline or workflow, or either as JSON or TOML',
    )
    .option(
      '--input <name=value>',
      'an input; repeatable. JSON where the input is no text',
      repeated,
    )
    .option(
      '--inputs <file>',
      'rows: .jsonl, .csv or .parquet; - reads JSON lines from standard input, as they come',
      repeated,
    )
    .option('--failures <file>', 'leave out rows that are wrong; this file takes them')
    .option(
      '--context <name=value>',
      'a value that steps declare; repeatable. JSON, or else a text',
      repeated,
    )
    .option('--export <name>', 'which of the exports, where the file has several')
    .option(
      '--script <file>',
      'answers in place of models, as JSON: {"step id": ["first answer", …]}; runs a workflow in this process',
    )
    .option('--trace', "show each step's prompt and answer, of a workflow")
    .option('--id <name>', 'name of the run, by which it is resumed (default: made up)')
    .option('--project <name>', 'runs of other projects are another world')
    .option('--save <file>', 'save the output as .jsonl, .csv or .parquet, instead of printing it')
    .option('--json', 'print one JSON object: output, failures, stats')
    .option('--local', "lend this machine's models to this run only; no node needed")
    .option('--node <address>', 'a node elsewhere, host:port; repeatable', repeated)
    .option('--lan', 'look for nodes on the local network, too')
    .addOption(waitForNodes())
    .option('--home <folder>', 'settings folder (default: $SKEIN_HOME or that of the platform)')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: RunCommandOptions) => {
      const { runProgram } = await import('./run-program.ts')
      context.exit(await runProgram(file, options, context.terminal))
    })
}
