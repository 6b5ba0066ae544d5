import { repeated } from '../option-values.ts'
import type { Define } from '../program.ts'
import type { WorkerOptions } from './take-over-runs.ts'

const EXAMPLES = `
A run is taken over when the process that was at it died, or closed its client in the middle. What was cancelled, has
failed or is done stays as it is. A plan is known by its name and its seal: runs of another version are left alone.

Examples:
  skein worker haiku.ts
  skein worker plans/*.ts --project letters`

/** `skein worker`: goes on with runs whose process is gone. */
export const defineWorker: Define = (command, { terminal }) => {
  command
    .argument('<files...>', 'programs or documents with the plans that it knows')
    .option('--project <name>', 'only runs of this project')
    .option('--local', "lend this machine's models to these runs; no node needed")
    .option('--node <address>', 'a node elsewhere, host:port; repeatable', repeated)
    .option('--lan', 'look for nodes on the local network, too')
    .option('--home <folder>', 'settings folder (default: $SKEIN_HOME or that of the platform)')
    .addHelpText('after', EXAMPLES)
    .action(async (files: readonly string[], options: WorkerOptions) => {
      const { takeOverRuns } = await import('./take-over-runs.ts')
      await takeOverRuns(files, options, terminal)
    })
}
