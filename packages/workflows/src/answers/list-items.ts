import { isDenied } from './extract.ts'

/** "1. one", "2) two", "- three", "* four", "• five" */
const NUMBERED = /^(\d{1,3})[.)]\s+(.+)$/
const BULLETED = /^[-*•]\s+(.+)$/

/**
 * The items of a list that is written line by line, numbered or with bullets, after at most one line that ends in a
 * colon. `undefined` for everything else: any other line could be part of an item, or none.
 */
export function listItems(text: string): readonly string[] | undefined {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const [head = ''] = lines
  if (head.endsWith(':') && isDenied(head)) return undefined
  const items = head.endsWith(':') ? lines.slice(1) : lines
  const found = numbered(items) ?? bulleted(items)
  return found === undefined || found.length === 0 ? undefined : found.map(withoutQuotes)
}

function numbered(lines: readonly string[]): readonly string[] | undefined {
  const found = lines.flatMap((line, index) => {
    const [, number, item] = NUMBERED.exec(line) ?? []
    return item !== undefined && Number(number) === index + 1 ? [item] : []
  })
  return found.length === lines.length ? found : undefined
}

function bulleted(lines: readonly string[]): readonly string[] | undefined {
  const found = lines.flatMap((line) => {
    const [, item] = BULLETED.exec(line) ?? []
    return item === undefined || line[0] !== lines[0]?.[0] ? [] : [item]
  })
  return found.length === lines.length ? found : undefined
}

function withoutQuotes(item: string): string {
  const [, quoted] = /^"([^"]*)"$/.exec(item) ?? []
  return quoted ?? item
}
