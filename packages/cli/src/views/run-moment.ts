import type { RunRecord, RunStatus } from '@skein/client'
import type { Paint } from '../terminal.ts'
import { drawSteps } from './runs.ts'
import { counted, duration, oneLine, printable } from './text.ts'

/** How far a run was when that was last recorded. */

/** What `skein watch --json` prints. Scripts depend on these names. */
export interface RunMoment extends RunStatus {
  readonly id: string
  readonly plan: string | undefined
  readonly error: RunRecord['error']
}

export function momentOf({ id, plan, error }: RunRecord, status: RunStatus): RunMoment {
  return { id, plan, error, ...status }
}

/** Several lines, redrawn in place. */
export function drawMoment(moment: RunMoment, paint: Paint): string {
  const { error } = moment
  const title = `${paint('bold', printable(moment.id))}  ${paint('dim', factsOf(moment))}`
  const why = error === undefined ? [] : [paint('red', oneLine(error.message, 400))]
  return [title, ...drawSteps(moment.bySteps), ...why].join('\n')
}

/** One line, for logs. */
export function momentLine(moment: RunMoment): string {
  const { id, bySteps, error } = moment
  const steps = bySteps.map(({ step, done, failed, cancelled, running }) => {
    const more = [
      ...(failed > 0 ? [`${failed} failed`] : []),
      ...(cancelled > 0 ? [`${cancelled} cancelled`] : []),
      ...(running > 0 ? [`${running} running`] : []),
    ]
    return `${step} ${done}${more.length > 0 ? ` (${more.join(', ')})` : ''}`
  })
  const why = error === undefined ? [] : [oneLine(error.message, 200)]
  return printable(`${id}: ${[factsOf(moment), ...steps, ...why].join(', ')}`)
}

function factsOf({ state, plan, rows, tokens, ms }: RunMoment): string {
  const parts = [state, counted(rows, 'row'), counted(tokens, 'token'), duration(ms)]
  return printable([...(plan === undefined ? [] : [plan]), ...parts].join(' · '))
}
