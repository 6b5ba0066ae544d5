import type { RunRecord } from '@skein/client'
import { CliError } from '../errors.ts'
import { openRecords } from '../recorded.ts'
import type { Terminal } from '../terminal.ts'
import { printable } from '../views/text.ts'
import type { RecordOptions } from './show-runs.ts'

/** Ends a run for good, whichever process is at it. */
export async function cancelRun(
  id: string,
  { home }: RecordOptions,
  { data, talk }: Terminal,
): Promise<void> {
  await using records = await openRecords(home)
  const { runs } = records
  const before = await runs.show(id)
  if (!(await runs.cancel(id))) throw alreadyOver(await runs.show(id))
  data.line(`${printable(id)}: cancelled`)
  if (before.state === 'running') talk.line('What is at it stops within seconds.')
}

function alreadyOver({ id, state }: RunRecord): CliError {
  return new CliError('FAILED', `run '${id}' does not run: it is ${state}`)
}
