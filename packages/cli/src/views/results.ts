import type { Failure } from '@skein/client'
import type { Paint } from '../terminal.ts'
import {
  counted,
  duration,
  indented,
  oneLine,
  placeOf,
  printable,
  rate,
  withoutNode,
} from './text.ts'

/** How the result of a run reads: the output for stdout, what happened for stderr. */

export interface RunFigures {
  readonly tasks: number
  /** Of them. @default all */
  readonly done?: number
  /** Those of them that were recorded before. @default 0 */
  readonly cached?: number
  /** Written by models. */
  readonly outputTokens: number
  readonly ms: number
  readonly nodes: number
}

type FailedRow = Pick<Failure, 'step' | 'path' | 'error' | 'nodes'>

const FAILURES_SHOWN = 10

/**
 * The output as a person or a pipe reads it: texts as they are, everything else as JSON, one value of a list
 * after the other. Texts of several lines stand apart.
 */
export function drawOutput(output: unknown): string {
  if (!Array.isArray(output)) return drawValue(output)
  const values = output.map(drawValue)
  const apart = values.some((value) => value.includes('\n'))
  return values.join(apart ? '\n\n' : '\n')
}

/** "6 tasks, 213 tokens in 2.1 s on 3 nodes (101 tokens/s)". */
export function drawFigures(figures: RunFigures): string {
  const { tasks, done = tasks, cached = 0, outputTokens, ms, nodes } = figures
  // What was written before took another time.
  const speed =
    cached === 0 && outputTokens > 0 && ms > 0
      ? ` (${rate((outputTokens * 1000) / ms)} tokens/s)`
      : ''
  const where = nodes > 0 ? ` on ${counted(nodes, 'node')}` : ''
  const work =
    done < tasks
      ? `${done.toLocaleString('en')} of ${counted(tasks, 'task')}`
      : counted(tasks, 'task')
  const before = cached > 0 ? ` (${cached.toLocaleString('en')} recorded before)` : ''
  return `${work}${before}, ${counted(outputTokens, 'token')} in ${duration(ms)}${where}${speed}`
}

/** The failures, grouped by what went wrong. */
export function drawFailures(failures: readonly FailedRow[], paint: Paint): string {
  const groups = new Map<string, FailedRow[]>()
  for (const failure of failures) {
    const key = `${failure.step}: ${withoutNode(failure.error.message, failure.nodes)}`
    groups.set(key, [...(groups.get(key) ?? []), failure])
  }
  const lines = Array.from(groups, ([key, members]) => {
    const nodes = [...new Set(members.flatMap((member) => member.nodes))]
    const rows = placeOf(members[0]?.path ?? []) + (members.length > 1 ? ' and others' : '')
    const where = nodes.length === 0 ? rows : `${rows}; tried on ${nodes.join(', ')}`
    return `${members.length}× ${oneLine(key, 400)} (${oneLine(where, 200)})`
  })
  const shown = lines.slice(0, FAILURES_SHOWN)
  if (lines.length > shown.length) {
    shown.push(`… and ${counted(lines.length - shown.length, 'other kind')}`)
  }
  const title = paint('red', `${counted(failures.length, 'row')} failed:`)
  return `${title}\n${indented(shown.join('\n'), 2)}`
}

function drawValue(value: unknown): string {
  if (typeof value === 'string') return printable(value.trimEnd())
  return value === undefined ? '' : JSON.stringify(value)
}
