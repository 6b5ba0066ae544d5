import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const ROOT = resolve(import.meta.dirname, '../..')

/** One fenced block of a document. */
export interface Fence {
  readonly document: string
  readonly line: number
  /** The word after the three backticks: `ts`, `sh`, `json`, … */
  readonly language: string
  /** What stands after the language, such as the name of the file that the block shows. */
  readonly note: string
  readonly code: string
}

/** Every fenced block of README.md and of docs/, in order. */
export function fences(): Fence[] {
  const documents = ['README.md', ...globSync('docs/**/*.md', { cwd: ROOT }).toSorted()]
  return documents.flatMap((document) => fencesOf(document))
}

function fencesOf(document: string): Fence[] {
  const found: Fence[] = []
  const lines = readFileSync(join(ROOT, document), 'utf8').split('\n')
  let open: { line: number; language: string; note: string } | undefined
  let code: string[] = []
  for (const [index, line] of lines.entries()) {
    if (!line.startsWith('```')) {
      code.push(line)
    } else if (open === undefined) {
      const [language = '', ...note] = line.slice(3).trim().split(/\s+/)
      open = { line: index + 1, language, note: note.join(' ') }
      code = []
    } else {
      found.push({ document, ...open, code: `${code.join('\n')}\n` })
      open = undefined
    }
  }
  return found
}
