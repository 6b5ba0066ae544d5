import { randomUUID } from 'node:crypto'
import { link, open, rm, writeFile } from 'node:fs/promises'

/**
 * Makes a file that only its owner can read, unless it is there already: then says false. Nobody ever
 * reads half of it, and of several that try at once one succeeds.
 */
export async function createExclusively(file: string, text: string): Promise<boolean> {
  const draft = `${file}.${randomUUID()}`
  try {
    {
      await using handle = await open(draft, 'wx', 0o600)
      await handle.writeFile(text)
      await handle.sync()
    }
    await link(draft, file)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    // File systems of cameras and some network drives have no hard links.
    if (codeOf(error) === 'EPERM' || codeOf(error) === 'ENOTSUP') return createPlainly(file, text)
    throw error
  } finally {
    await rm(draft, { force: true })
  }
}

async function createPlainly(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, text, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** The system's name of what went wrong: `EACCES`. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}
