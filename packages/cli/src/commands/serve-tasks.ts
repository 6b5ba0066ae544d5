import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import { tasksHandler, type ExternalTask } from '@skein/client'
import { CliError } from '../errors.ts'
import { parseExactly } from '../exact-json.ts'
import { readJson, syntaxProblem } from '../files.ts'
import { watchInterrupts } from '../interrupt.ts'
import { serveOnLoopback } from '../loopback-server.ts'
import { openRecords } from '../recorded.ts'
import type { Terminal } from '../terminal.ts'
import { inWords } from '../views/json-output.ts'
import { oneLine, printable, table } from '../views/text.ts'
import type { ListOptions } from './show-runs.ts'

export interface CompleteOptions {
  /** The answer. */
  readonly json?: string
  /** A file with it. */
  readonly input?: string
  readonly home?: string
}

export interface ServeOptions {
  readonly port?: number
  readonly home?: string
}

export async function listTasks(
  { home, json, project }: ListOptions,
  { data, talk }: Terminal,
): Promise<void> {
  await using records = await openRecords(home)
  const tasks = records.tasks.list(project === undefined ? {} : { project })
  if (json) data.line(JSON.stringify(tasks.map(shown), inWords))
  else if (tasks.length > 0) data.line(drawTasks(tasks))
  else talk.line('No task is open.')
}

export async function completeTask(
  key: string,
  options: CompleteOptions,
  { talk }: Terminal,
): Promise<void> {
  const answer = await answerOf(options)
  await using records = await openRecords(options.home)
  const task = records.tasks.find(key)
  const completion = records.tasks.complete(key, answer)
  switch (completion.state) {
    case 'done':
      talk.line(`${printable(key)} is completed`)
      return
    case 'unknown':
      throw new CliError('USAGE', `there is no task '${key}'`, {
        mend: 'skein tasks list shows those that are open.',
      })
    case 'over':
      throw new CliError('FAILED', `task '${key}' has been completed already`)
    case 'misfit':
      throw new CliError('USAGE', `the answer does not fit: ${completion.problem}`, {
        mend: `The task stays open. An answer is ${JSON.stringify(task?.answer)}`,
      })
  }
}

/** Lets programs of this machine answer tasks, until Ctrl-C. */
export async function serveTasks(
  { home, port = 0 }: ServeOptions,
  { data, talk }: Terminal,
): Promise<void> {
  await using records = await openRecords(home)
  using interrupts = watchInterrupts()
  const given = process.env['SKEIN_TASKS_TOKEN']
  const token = given === undefined || given === '' ? randomBytes(24).toString('base64url') : given
  await using server = await serveOnLoopback(tasksHandler(records.tasks, { token }), port)
  data.line(`${server.address}/tasks`)
  // The token of the environment is known to whoever set it.
  if (token !== given) data.line(`token ${token}`)
  talk.line('Each request needs the header "authorization: Bearer TOKEN". Ctrl-C ends this.')
  if (!interrupts.signal.aborted) await once(interrupts.signal, 'abort')
}

async function answerOf({ json, input }: CompleteOptions): Promise<unknown> {
  if (json !== undefined && input !== undefined) {
    throw new CliError('USAGE', '--json and --input are two answers: give one')
  }
  if (input !== undefined) return readJson(input)
  if (json === undefined) {
    throw new CliError('USAGE', 'a task is completed with an answer', {
      mend: `Give it as JSON: --json '{"ok": true}', or in a file: --input answer.json`,
    })
  }
  try {
    return parseExactly(json)
  } catch (cause) {
    if (cause instanceof RangeError) throw new CliError('USAGE', `--json: ${cause.message}`)
    throw new CliError('USAGE', `--json is not valid JSON: ${syntaxProblem(cause)}`, {
      cause,
      mend: `A text needs its quotes: --json '"yes"'`,
    })
  }
}

function shown({ key, run, project, step, input, answer, openedAt }: ExternalTask): object {
  return {
    key,
    run,
    project,
    step,
    input,
    answer,
    openedAt: new Date(openedAt).toISOString(),
  }
}

function drawTasks(tasks: readonly ExternalTask[]): string {
  const rows = tasks.map(({ key, step, input, openedAt }) => [
    printable(key),
    oneLine(step, 30),
    new Date(openedAt).toISOString().slice(0, 19).replace('T', ' '),
    oneLine(textOf(input), 80),
  ])
  return table(['TASK', 'STEP', 'OPEN SINCE (UTC)', 'INPUT'], rows).join('\n')
}

function textOf(input: unknown): string {
  return typeof input === 'string' ? input : JSON.stringify(input ?? null, inWords)
}
