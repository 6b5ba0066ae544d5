import type { Live, Output, Terminal } from '../src/terminal.ts'

/** A terminal that remembers what was written to it, without colours. */
export interface RecordedTerminal extends Terminal {
  readonly dataLines: string[]
  readonly talkLines: string[]
  /** Every drawing of the live view. */
  readonly frames: string[]
}

export function recordTerminal(options: { readonly isTerminal?: boolean } = {}): RecordedTerminal {
  const { isTerminal = false } = options
  const dataLines: string[] = []
  const talkLines: string[] = []
  const frames: string[] = []
  const output = (lines: string[]): Output => ({
    line: (text) => void lines.push(text),
    paint: (_, text) => text,
    isTerminal,
    columns: 80,
  })
  const live: Live = { update: (text) => void frames.push(text), clear() {}, done() {} }
  return {
    dataLines,
    talkLines,
    frames,
    data: output(dataLines),
    talk: output(talkLines),
    live: () => Promise.resolve(live),
  }
}
