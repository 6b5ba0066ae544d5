import type { Command } from 'commander'
import { positiveInteger, repeated, waitForNodes } from '../option-values.ts'
import type { Context, Define } from '../program.ts'
import type { ContinueOptions } from './continue-run.ts'
import type { ListOptions, RecordOptions } from './show-runs.ts'

const HOME = [
  '--home <folder>',
  'settings folder (default: $SKEIN_HOME or that of the platform)',
] as const
const ONE_OBJECT = ['--json', 'print one JSON object'] as const

/** `skein runs`: what was run, and going on with it. */
export const defineRuns: Define = (command, context) => {
  defineLooking(command, context)
  defineGoingOn(command, context)
  defineTakingOut(command, context)
}

function defineLooking(command: Command, { terminal }: Context): void {
  command
    .command('list')
    .description('Lists the runs, the latest first, also those that another process is at.')
    .option('--project <name>', 'only those of this project')
    .option('--limit <count>', 'so many of the latest (default: 200)', positiveInteger)
    .option('--json', 'print one JSON list')
    .option(...HOME)
    .action(async (options: ListOptions) => {
      const { listRuns } = await import('./show-runs.ts')
      await listRuns(options, terminal)
    })
  command
    .command('show')
    .description('Shows how far a run is, what failed and where its plan is.')
    .argument('<id>')
    .option(...ONE_OBJECT)
    .option(...HOME)
    .action(async (id: string, options: RecordOptions) => {
      const { showRun } = await import('./show-runs.ts')
      await showRun(id, options, terminal)
    })
  command
    .command('diff')
    .description('Compares two runs: plan, inputs, context, counts.')
    .argument('<id>')
    .argument('<other>')
    .option(...ONE_OBJECT)
    .option(...HOME)
    .action(async (id: string, other: string, options: RecordOptions) => {
      const { diffRuns } = await import('./show-runs.ts')
      await diffRuns([id, other], options, terminal)
    })
}

function defineGoingOn(command: Command, context: Context): void {
  addRunOptions(command.command('resume'))
    .description('Goes on with a run where it stopped: what is recorded is not done again.')
    .option(
      '--inputs <file>',
      'the same rows again, from the first, of a run that had not read them all; - is standard input',
      repeated,
    )
    .option('--input <name=value>', 'what the rows share; repeatable', repeated)
    .option('--failures <file>', 'leave out rows that are wrong; this file takes them')
    .action(async (id: string, options: ContinueOptions) => {
      const { resumeRun } = await import('./continue-run.ts')
      context.exit(await resumeRun(id, options, context.terminal))
    })
  addRunOptions(command.command('rerun'))
    .description('Does a run again, under a new id: what has not changed is taken from it.')
    .option('--from <step>', 'do this step anew, and all that depend on it')
    .option('--id <name>', 'name of the new run (default: made up)')
    .option(
      '--context <name=value>',
      'another value that steps declare; repeatable. JSON, or else a text',
      repeated,
    )
    .action(async (id: string, options: ContinueOptions) => {
      const { rerunRun } = await import('./continue-run.ts')
      context.exit(await rerunRun(id, options, context.terminal))
    })
  command
    .command('cancel')
    .description('Ends a run for good, whichever process is at it; what is done is kept.')
    .argument('<id>')
    .option(...HOME)
    .action(async (id: string, options: RecordOptions) => {
      const { cancelRun } = await import('./cancel-run.ts')
      await cancelRun(id, options, context.terminal)
    })
}

function defineTakingOut(command: Command, { terminal }: Context): void {
  command
    .command('export')
    .description(
      'Saves the rows of a run, as --save does: .jsonl, .csv or .parquet; of one that goes on, those so far.',
    )
    .argument('<id>')
    .argument('<file>')
    .option(...HOME)
    .action(async (id: string, file: string, options: RecordOptions) => {
      const { exportRun } = await import('./show-runs.ts')
      await exportRun(id, file, { options, terminal })
    })
  command
    .command('remove')
    .description('Forgets a run and all that only it holds.')
    .argument('<id>')
    .option(...HOME)
    .action(async (id: string, options: RecordOptions) => {
      const { removeRun } = await import('./show-runs.ts')
      await removeRun(id, options, terminal)
    })
}

/** What `resume` and `rerun` have in common with `skein run`. */
function addRunOptions(command: Command): Command {
  return command
    .argument('<id>')
    .option('--file <file>', 'the file of its plan (default: the one that it was begun with)')
    .option('--export <name>', 'which of the exports, where the file has several')
    .option('--save <file>', 'save the output as .jsonl, .csv or .parquet, instead of printing it')
    .option('--json', 'print one JSON object: output, failures, stats')
    .option('--local', "lend this machine's models to this run only; no node needed")
    .option('--node <address>', 'a node elsewhere, host:port; repeatable', repeated)
    .option('--lan', 'look for nodes on the local network, too')
    .addOption(waitForNodes())
    .option(...HOME)
}
