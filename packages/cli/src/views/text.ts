import { stripVTControlCharacters } from 'node:util'

// Control characters but tab and line feed: what a stranger's model writes must not steer the terminal.
// oxlint-disable-next-line no-control-regex -- control characters are what this is about
const CONTROLS = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/gu

/** A text from elsewhere, safe to show: no escape sequences, no control characters. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(CONTROLS, '')
}

/** One line of at most `columns` characters; what is cut off shows as an ellipsis. */
export function oneLine(text: string, columns: number): string {
  const line = printable(text).replaceAll(/\s+/g, ' ').trim()
  if (line.length <= columns) return line
  return `${Array.from(line)
    .slice(0, Math.max(0, columns - 1))
    .join('')}…`
}

/** Every line after `indent` spaces. */
export function indented(text: string, indent: number): string {
  const space = ' '.repeat(indent)
  return text
    .split('\n')
    .map((line) => (line === '' ? line : space + line))
    .join('\n')
}

/** "1 task", "3 tasks". */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
}

/** Where a row comes from: "item 3 of input 1". */
export function placeOf([input = 0, ...items]: readonly number[]): string {
  const places = items.map((item) => `item ${item + 1} of `).toReversed()
  return `${places.join('')}input ${input + 1}`
}

/** Seconds and minutes as a person says them: 0.8 s, 12 s, 3 min 5 s, 2 h 10 min. */
export function duration(ms: number): string {
  const seconds = ms / 1000
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** A rate with as many digits as it deserves: 0.4, 12, 1,300. */
export function rate(perSecond: number): string {
  if (perSecond >= 10) return Math.round(perSecond).toLocaleString('en')
  return perSecond.toFixed(1)
}

/** Columns under their headings, as wide as they must be; numbers stand right. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string[] {
  const cells = rows.map((row) => row.map(String))
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...cells.map((row) => row[column]?.length ?? 0)),
  )
  const right = headings.map(
    (_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'),
  )
  return [headings, ...cells].map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return right[column] ? cell.padStart(width) : cell.padEnd(width)
      })
      .join('  ')
      .trimEnd(),
  )
}

/** The message without the name of the node that said it: equal troubles of several nodes are one. */
export function withoutNode(message: string, nodes: readonly string[]): string {
  const speaker = nodes.find((node) => message.startsWith(`${node}: `))
  return speaker === undefined ? message : message.slice(speaker.length + 2)
}
