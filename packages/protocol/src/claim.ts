import { randomUUID } from 'node:crypto'
import { link, readFile, rename, rm } from 'node:fs/promises'
import { createExclusively } from './exclusive-file.ts'
import { isRunning, ownMark, ProcessMark } from './process-mark.ts'

/** A name that one process at a time may hold, in a file that says which. */
export interface Claim {
  /** Lets others have it. */
  release(): Promise<void>
}

/** Takes the claim, also from a process that died with it. `undefined`: a living one holds it. */
export async function claim(file: string): Promise<Claim | undefined> {
  const mark = JSON.stringify({ ...(await ownMark()), claim: randomUUID() })
  if (!(await createExclusively(file, mark))) {
    const before = await content(file)
    if (before !== undefined && (await isHeld(before))) return undefined
    if (before !== undefined) await clear(file, before)
    if (!(await createExclusively(file, mark))) return undefined
  }
  // Two that cleared the same dead claim: the later one stands in the file.
  if ((await content(file)) !== mark) return undefined
  return { release: () => clear(file, mark) }
}

async function isHeld(text: string): Promise<boolean> {
  try {
    return (await isRunning(ProcessMark.parse(JSON.parse(text)))) !== false
  } catch {
    return false
  }
}

/** Removes exactly that claim: what was put there meanwhile goes back. */
async function clear(file: string, expected: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`
  try {
    await rename(file, aside)
    if ((await content(aside)) !== expected) await link(aside, file)
  } catch {
    // Somebody else was quicker.
  } finally {
    await rm(aside, { force: true })
  }
}

async function content(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    return undefined
  }
}
