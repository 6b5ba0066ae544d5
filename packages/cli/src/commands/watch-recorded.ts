import { setTimeout as sleep } from 'node:timers/promises'
import type { RecordedRuns, RunRecord } from '@skein/client'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { watchInterrupts } from '../interrupt.ts'
import { openRecords } from '../recorded.ts'
import type { Terminal } from '../terminal.ts'
import { drawMoment, momentLine, momentOf, type RunMoment } from '../views/run-moment.ts'
import type { RecordOptions } from './show-runs.ts'

const LOOK_MS = 500
/** Between two lines where nobody watches: a log, not a flood. */
const LINE_MS = 5_000

/** Shows how a run goes, until it ends or Ctrl-C. */
export async function watchRecorded(
  id: string | undefined,
  options: RecordOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  await using records = await openRecords(options.home)
  const { runs } = records
  const record = id === undefined ? await latest(runs) : await runs.show(id)
  using interrupts = watchInterrupts()
  const { signal } = interrupts
  const view = await viewOf(options, terminal)
  let moment = await momentAt(runs, record.id)
  for (;;) {
    view.show(moment)
    if (moment.state !== 'running' || signal.aborted) break
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {})
    moment = await momentAt(runs, record.id)
  }
  view.end(moment)
  return exitCodeOf(moment)
}

async function latest(runs: RecordedRuns): Promise<RunRecord> {
  const all = await runs.list()
  const running = all.find(({ state }) => state === 'running')
  if (running) return running
  const [last] = all
  throw new CliError('FAILED', 'no run goes on now', {
    mend:
      last === undefined
        ? 'skein run FILE.ts --input name=value begins one.'
        : `The latest, ${last.id}, is ${last.state}: skein runs show ${last.id}`,
  })
}

async function momentAt(runs: RecordedRuns, id: string): Promise<RunMoment> {
  return momentOf(await runs.show(id), await runs.status(id))
}

/** Whoever stops watching does not stop the run: that is no failure. */
function exitCodeOf({ state }: RunMoment): ExitCode {
  if (state === 'done' || state === 'running') return EXIT.ok
  return state === 'failed' ? EXIT.failed : EXIT.interrupted
}

interface View {
  readonly show: (moment: RunMoment) => void
  readonly end: (moment: RunMoment) => void
}

async function viewOf({ json }: RecordOptions, terminal: Terminal): Promise<View> {
  const { data, talk } = terminal
  if (json) return changes((moment) => data.line(JSON.stringify(moment)))
  if (!talk.isTerminal) return lines((moment) => talk.line(momentLine(moment)))
  const live = await terminal.live()
  const show = (moment: RunMoment): void => live.update(drawMoment(moment, talk.paint))
  return {
    show,
    end: (moment) => {
      show(moment)
      live.done()
    },
  }
}

/** Says what is not as it was. */
function changes(say: (moment: RunMoment) => void): View {
  let said = ''
  const show = (moment: RunMoment): void => {
    const text = JSON.stringify(moment)
    if (text !== said) say(moment)
    said = text
  }
  return { show, end: show }
}

/** Says something now and then, and how it ended. */
function lines(say: (moment: RunMoment) => void): View {
  let saidAt = -Infinity
  return {
    show: (moment) => {
      if (moment.state !== 'running' || performance.now() - saidAt < LINE_MS) return
      saidAt = performance.now()
      say(moment)
    },
    end: say,
  }
}
