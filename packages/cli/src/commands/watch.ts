import type { Define } from '../program.ts'
import type { RecordOptions } from './show-runs.ts'

const EXAMPLES = `
It reads what the process that is at the run records each second; nothing is asked of it.

Exit codes: 0 done, 1 failed, 130 cancelled or interrupted.

Examples:
  skein watch
  skein watch monday --json`

/** `skein watch`: how a run goes that another process is at. */
export const defineWatch: Define = (command, context) => {
  command
    .argument('[id]', 'the run (default: the latest that goes on)')
    .option('--json', 'print one JSON object a line, whenever something has changed')
    .option('--home <folder>', 'settings folder (default: $SKEIN_HOME or that of the platform)')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string | undefined, options: RecordOptions) => {
      const { watchRecorded } = await import('./watch-recorded.ts')
      context.exit(await watchRecorded(id, options, context.terminal))
    })
}
