import type { FileFinding } from '../check-file.ts'
import type { Paint } from '../terminal.ts'
import { counted, indented, printable } from './text.ts'

/** How findings read: file, place and message in a line that editors can follow, the mend under it. */
export function drawFindings(
  file: string,
  findings: readonly FileFinding[],
  paint: Paint,
): readonly string[] {
  return findings.map(({ severity, path, message, mend, workflow }) => {
    const kind = paint(severity === 'error' ? 'red' : 'yellow', severity)
    const places = [file, workflow, path].filter((place) => place !== undefined && place !== '')
    return `${printable(places.join(': '))}: ${kind}: ${printable(message)}\n${indented(printable(mend), 2)}`
  })
}

/** "1 error, 2 warnings". */
export function countFindings(findings: readonly FileFinding[]): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const warnings = findings.length - errors
  if (findings.length === 0) return 'nothing found'
  return [
    ...(errors === 0 ? [] : [counted(errors, 'error')]),
    ...(warnings === 0 ? [] : [counted(warnings, 'warning')]),
  ].join(', ')
}
