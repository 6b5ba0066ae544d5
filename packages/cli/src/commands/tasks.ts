import { port } from '../option-values.ts'
import type { Define } from '../program.ts'
import type { CompleteOptions, ServeOptions } from './serve-tasks.ts'
import type { ListOptions } from './show-runs.ts'

const HOME = [
  '--home <folder>',
  'settings folder (default: $SKEIN_HOME or that of the platform)',
] as const

const ROUTES = `
GET /tasks lists the open tasks, GET /tasks/KEY shows one, POST /tasks/KEY with the answer as JSON completes it: 400 where
it does not fit, 404 where there is no such task, 409 where somebody was faster. Each request needs the header
"authorization: Bearer TOKEN"; the token is made and printed, or that of $SKEIN_TASKS_TOKEN.`

/** `skein tasks`: what runs ask of people and of other programs. */
export const defineTasks: Define = (command, { terminal }) => {
  command
    .command('list')
    .description('Lists the open tasks, the oldest first.')
    .option('--project <name>', 'only those of this project')
    .option('--json', 'print one JSON list, with what an answer must be')
    .option(...HOME)
    .action(async (options: ListOptions) => {
      const { listTasks } = await import('./serve-tasks.ts')
      await listTasks(options, terminal)
    })
  command
    .command('complete')
    .description('Answers a task; the run that waits for it goes on.')
    .argument('<key>', 'of the task')
    .option('--json <value>', 'the answer as JSON')
    .option('--input <file>', 'a file with the answer as JSON')
    .option(...HOME)
    .action(async (key: string, options: CompleteOptions) => {
      const { completeTask } = await import('./serve-tasks.ts')
      await completeTask(key, options, terminal)
    })
  command
    .command('serve')
    .description('Lets programs of this machine see and answer tasks over HTTP, until Ctrl-C.')
    .option('--port <number>', 'where it listens, on 127.0.0.1 (default: a free one)', port)
    .option(...HOME)
    .addHelpText('after', ROUTES)
    .action(async (options: ServeOptions) => {
      const { serveTasks } = await import('./serve-tasks.ts')
      await serveTasks(options, terminal)
    })
}
