import type { RunEvent } from '@skein/client'
import type { Live, Terminal } from './terminal.ts'
import { Progress } from './views/progress-state.ts'
import { drawProgress, progressLine } from './views/progress.ts'

/** Redraws a second of a live view: smooth, and cheap. */
const REDRAW_MS = 100
/** Between two lines where nobody watches: a log, not a flood. */
const LINE_MS = 5_000

export interface WatchOptions {
  readonly name: string
  /** Aborted when the run is called off. */
  readonly signal: AbortSignal
  readonly terminal: Terminal
  /** Names of the nodes that are there now. @default nobody asks */
  readonly nodes?: () => readonly string[]
}

/**
 * Shows the progress of a run until its last event: redrawn in place on a terminal, a line now and then
 * elsewhere.
 */
export async function watchRun(
  events: AsyncIterable<RunEvent<unknown>>,
  { name, signal, terminal, nodes }: WatchOptions,
): Promise<void> {
  const progress = new Progress(name, performance.now())
  const view = terminal.talk.isTerminal
    ? liveView(await terminal.live(), { progress, terminal, nodes })
    : lineView(progress, terminal)
  const timer = setInterval(view.show, view.everyMs)
  try {
    for await (const event of events) {
      // What an interrupted run calls off did not fail: the view stays as it was.
      if (!signal.aborted) progress.tell(event, performance.now())
    }
  } finally {
    clearInterval(timer)
    view.end()
  }
}

interface View {
  readonly everyMs: number
  readonly show: () => void
  readonly end: () => void
}

interface Watched {
  readonly progress: Progress
  readonly terminal: Terminal
  readonly nodes: WatchOptions['nodes'] | undefined
}

function liveView(live: Live, { progress, terminal: { talk }, nodes }: Watched): View {
  const show = (): void => {
    const { columns, paint } = talk
    const present = nodes && { present: new Set(nodes()) }
    live.update(drawProgress(progress, { now: performance.now(), columns, paint, ...present }))
  }
  show()
  return {
    everyMs: REDRAW_MS,
    show,
    end: () => {
      show()
      live.done()
    },
  }
}

function lineView(progress: Progress, { talk }: Terminal): View {
  const show = (): void => talk.line(progressLine(progress, performance.now()))
  return { everyMs: LINE_MS, show, end: () => {} }
}
