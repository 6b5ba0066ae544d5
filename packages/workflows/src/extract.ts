/**
 * Places of a text where JSON may stand, best first: the whole text, fenced blocks, spans in prose. In
 * time linear in the text.
 */
export function candidates(text: string): readonly (readonly string[])[] {
  const whole = text.trim()
  return [[whole], fencedBlocks(text), spans(whole)]
}

function fencedBlocks(text: string): string[] {
  const blocks: string[] = []
  const lines = text.split('\n')
  let open: string[] | undefined
  for (const line of lines) {
    if (!/^\s*(```|~~~)/.test(line)) open?.push(line)
    else if (open === undefined) open = []
    else {
      blocks.push(open.join('\n').trim())
      open = undefined
    }
  }
  if (open !== undefined) blocks.push(open.join('\n').trim())
  return blocks
}

/** Outermost `[…]` and `{…}` of a text; the last may lack its end. */
function spans(text: string): string[] {
  const found: string[] = []
  let at = 0
  while (at < text.length) {
    if (text[at] !== '[' && text[at] !== '{') {
      at += 1
      continue
    }
    const end = closing(text, at)
    found.push(text.slice(at, end))
    at = end
  }
  return found
}

/** The index after the bracket that closes the one at `from`, strings skipped; the end of the text without one. */
function closing(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at += 1) {
    const character = text[at]
    if (character === '"') at = stringEnd(text, at)
    else if (character === '[' || character === '{') depth += 1
    else if (character === ']' || character === '}') depth -= 1
    if (depth === 0) return at + 1
  }
  return text.length
}

function stringEnd(text: string, from: number): number {
  let at = from + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}
