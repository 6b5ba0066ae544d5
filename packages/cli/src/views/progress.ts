import type { Paint } from '../terminal.ts'
import type { NodeProgress, Progress, StepProgress } from './progress-state.ts'
import { counted, duration, oneLine, printable, rate } from './text.ts'

/** How a run looks while it goes on. Pure: what is drawn depends on nothing but the arguments. */

const NODES_SHOWN = 4
const ERRORS_SHOWN = 3
const NARROWEST_BAR = 10
const WIDEST_BAR = 30

export interface DrawOptions {
  /** Milliseconds of the clock that the progress was told. */
  readonly now: number
  readonly columns: number
  readonly paint: Paint
  /** Names of the nodes that are there now. @default all that ever did something */
  readonly present?: ReadonlySet<string>
}

/** The whole view, redrawn in place on a terminal: a bar per step, nodes by throughput, errors grouped. */
export function drawProgress(progress: Progress, options: DrawOptions): string {
  const { now, columns, paint } = options
  const steps = progress.steps(now)
  const { present } = options
  const nodes = progress.nodes(now).filter(({ name }) => present?.has(name) ?? true)
  const errors = progress.errors()
  const label = Math.max(6, ...steps.map(({ name }) => name.length))
  const lines = [headline(progress, options)]
  for (const step of steps) lines.push(`  ${step.name.padEnd(label)}  ${stepLine(step, options)}`)
  const title = paint('dim', 'nodes'.padEnd(label))
  if (present?.size === 0 && steps.some(isUnfinished)) {
    lines.push(`  ${title}  ${paint('yellow', 'no node is left: waiting for one to come')}`)
  } else if (nodes.length > 0) {
    lines.push(`  ${title}  ${nodeLine(nodes, columns - label - 4)}`)
  }
  errors.slice(0, ERRORS_SHOWN).forEach((error, index) => {
    const kind = (index === 0 ? 'errors' : '').padEnd(label)
    const text = `${error.count}× ${error.message} (${error.step})`
    lines.push(`  ${paint('dim', kind)}  ${paint('red', oneLine(text, columns - label - 4))}`)
  })
  if (errors.length > ERRORS_SHOWN) {
    const others = counted(errors.length - ERRORS_SHOWN, 'other kind')
    lines.push(`  ${''.padEnd(label)}  … and ${others}`)
  }
  return lines.join('\n')
}

/** The same in one line without control characters, for logs. */
export function progressLine(progress: Progress, now: number): string {
  const steps = progress.steps(now).map((step) => {
    const failed = step.failed === 0 ? '' : ` (${step.failed} failed)`
    return `${step.name} ${count(step)}${failed}`
  })
  const parts = [duration(now - progress.startedAt), ...steps]
  if (progress.tokens > 0) parts.push(counted(progress.tokens, 'token'))
  const [worst] = progress.errors()
  if (worst) parts.push(`${worst.count}× ${oneLine(worst.message, 120)}`)
  return printable(`${progress.name}: ${parts.join(', ')}`)
}

function headline(progress: Progress, { now, paint }: DrawOptions): string {
  const elapsed = now - progress.startedAt
  const parts = [duration(elapsed)]
  if (progress.tokens > 0) {
    parts.push(counted(progress.tokens, 'token'))
    parts.push(`${rate((progress.tokens * 1000) / Math.max(1, elapsed))} tokens/s`)
  }
  return `${paint('bold', progress.name)}  ${paint('dim', parts.join(' · '))}`
}

function stepLine(step: StepProgress, { columns, paint }: DrawOptions): string {
  const parts = [count(step)]
  if (step.failed > 0) parts.push(paint('red', `${step.failed} failed`))
  const unfinished = isUnfinished(step)
  if (step.running > 0) parts.push(`${step.running} running`)
  if (unfinished && step.perSecond > 0) {
    parts.push(`${rate(step.perSecond)}/s`)
    const left = remainingMs(step)
    if (left !== undefined && left > 0) parts.push(`${duration(left)} left`)
  }
  return `${bar(step, columns, paint)} ${parts.join('  ')}`
}

function isUnfinished({ known, done, failed, total }: StepProgress): boolean {
  return known > done + failed || total === undefined
}

function bar(step: StepProgress, columns: number, paint: Paint): string {
  const width = Math.max(NARROWEST_BAR, Math.min(WIDEST_BAR, columns - 60))
  const of = Math.max(1, step.total ?? step.known)
  const failed = step.failed === 0 ? 0 : Math.max(1, Math.floor((step.failed / of) * width))
  const done = Math.min(width - failed, Math.floor((step.done / of) * width))
  const rest = width - done - failed
  return (
    paint('green', '━'.repeat(done)) +
    paint('red', '━'.repeat(failed)) +
    paint('dim', '─'.repeat(rest))
  )
}

/** "3/5", "3 of 7 so far" while more may come, "waiting" before the first. */
function count({ done, failed, known, total }: StepProgress): string {
  const ended = done + failed
  if (total === undefined && known === 0) return 'waiting'
  return total === undefined ? `${ended} of ${known} so far` : `${ended}/${total}`
}

/** Milliseconds until the tasks known now have ended; absent while nobody can say. */
function remainingMs({ done, failed, known, total, perSecond }: StepProgress): number | undefined {
  if (perSecond === 0) return undefined
  return (((total ?? known) - done - failed) / perSecond) * 1000
}

function nodeLine(nodes: readonly NodeProgress[], columns: number): string {
  const shown = nodes
    .slice(0, NODES_SHOWN)
    .map(({ name, tokensPerSecond, tasks }) =>
      tokensPerSecond > 0
        ? `${name} ${rate(tokensPerSecond)} tokens/s`
        : `${name} ${counted(tasks, 'task')}`,
    )
  const more = nodes.length > NODES_SHOWN ? [`${nodes.length - NODES_SHOWN} more`] : []
  return oneLine([...shown, ...more].join(' · '), columns)
}
