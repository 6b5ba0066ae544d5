import type { Check } from '../doctor.ts'
import type { Paint, Style } from '../terminal.ts'
import { printable } from './text.ts'

const MARKS: Readonly<Record<Check['state'], readonly [word: string, style: Style]>> = {
  ok: ['ok', 'green'],
  note: ['note', 'yellow'],
  problem: ['PROBLEM', 'red'],
}

const WORD_WIDTH = 7

/** One line per check, and one below it with the mend. */
export function drawChecks(checks: readonly Check[], paint: Paint): string {
  const width = Math.max(...checks.map(({ name }) => name.length))
  return checks
    .flatMap(({ name, state, detail, mend }) => {
      const [word, style] = MARKS[state]
      const line = `${paint(style, word.padEnd(WORD_WIDTH))}  ${name.padEnd(width)}  ${printable(detail)}`
      return mend === undefined ? [line] : [line, `${' '.repeat(WORD_WIDTH + width + 4)}→ ${mend}`]
    })
    .join('\n')
}
