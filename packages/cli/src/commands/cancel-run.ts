import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RecordedRuns, RunRecord } from '@skein/client'
import { CliError, codeOf } from '../errors.ts'
import { openRecords } from '../recorded.ts'
import type { Terminal } from '../terminal.ts'
import { printable } from '../views/text.ts'
import type { RecordOptions } from './show-runs.ts'

/** A process that is asked to stop finishes within this, as a rule. */
const PATIENCE_MS = 10_000
const LOOK_MS = 100

/** Asks the process that is at a run to stop. */
export async function cancelRun(
  id: string,
  { home }: RecordOptions,
  { data }: Terminal,
): Promise<void> {
  await using records = await openRecords(home)
  const { runs } = records
  const pid = holderOf(await runs.show(id))
  askToStop(id, pid)
  const { state } = await afterwards(runs, id)
  if (state !== 'running') {
    data.line(`${printable(id)}: ${state}`)
    return
  }
  throw new CliError(
    'FAILED',
    `process ${pid}, which is at run '${id}', was asked to stop and goes on`,
    {
      mend: `To end it at once: kill -9 ${pid}; what is done is kept.`,
    },
  )
}

function holderOf({ id, state, holder }: RunRecord): number {
  if (state !== 'running') throw new CliError('FAILED', `run '${id}' does not run: it is ${state}`)
  if (holder === undefined) {
    throw new CliError('FAILED', `nobody knows which process is at run '${id}'`, {
      mend: 'If none is, it counts as interrupted some seconds from now.',
    })
  }
  if (holder.machine === hostname()) return holder.pid
  const message = `run '${id}' is one of another machine, ${holder.machine} (process ${holder.pid})`
  throw new CliError('FAILED', message, { mend: `Stop it there: skein runs cancel ${id}` })
}

function askToStop(id: string, pid: number): void {
  try {
    process.kill(pid, 'SIGINT')
  } catch (cause) {
    // It has just ended: that is what was wanted.
    if (codeOf(cause) === 'ESRCH') return
    const message = `process ${pid}, which is at run '${id}', belongs to somebody else`
    throw new CliError('FAILED', message, { cause })
  }
}

async function afterwards(runs: RecordedRuns, id: string): Promise<RunRecord> {
  const until = performance.now() + PATIENCE_MS
  for (;;) {
    const record = await runs.show(id)
    if (record.state !== 'running' || performance.now() > until) return record
    await sleep(LOOK_MS)
  }
}
