import { once } from 'node:events'
import { watchInterrupts } from '../interrupt.ts'
import { connect, connectLocally, type NetworkOptions } from '../network.ts'
import { loadProgram, loadPrograms, type Program } from '../program-file.ts'
import type { Terminal } from '../terminal.ts'
import { printable } from '../views/text.ts'

export interface WorkerOptions extends NetworkOptions {
  readonly project?: string
  readonly local?: boolean
}

/** Goes on with runs of these plans whose process is gone, until Ctrl-C. */
export async function takeOverRuns(
  files: readonly string[],
  options: WorkerOptions,
  { data, talk }: Terminal,
): Promise<void> {
  const programs = (await Promise.all(files.map(programsOf))).flat()
  using interrupts = watchInterrupts({
    onFirst: () => talk.line('Stopping; what is unfinished is left to others.'),
  })
  const needsModels = programs.some(({ needsNodes }) => needsNodes)
  await using connection = await (options.local
    ? connectLocally(options, needsModels)
    : connect(options))
  const { client, notes } = connection
  for (const note of notes) talk.line(talk.paint('yellow', note))
  const { project } = options
  client.takeOver(
    programs.map(({ work }) => work),
    {
      ...(project !== undefined && { project }),
      onDone: ({ id }) => data.line(`${printable(id)}: done`),
      onError: ({ message }, run) => {
        const about = run === undefined ? '' : `${printable(run)}: `
        talk.line(talk.paint('red', `${about}${message}`))
      },
    },
  )
  const names = programs.map(({ name }) => printable(name)).join(', ')
  talk.line(`Looking after runs of ${names}. Ctrl-C ends this.`)
  if (!interrupts.signal.aborted) await once(interrupts.signal, 'abort')
}

/** All that a program exports to run; a document is one plan. */
async function programsOf(file: string): Promise<Program[]> {
  if (/\.(?:json|toml)$/.test(file)) return [await loadProgram(file)]
  return [...(await loadPrograms(file)).values()]
}
