import { randomUUID } from 'node:crypto'
import { createWriteStream, type Stats } from 'node:fs'
import { chmod, lstat, readdir, readlink, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'

type Content = AsyncIterable<string | Uint8Array>

/** What a process that was killed left behind is removed when it is so much older than what is written now. */
const ABANDONED_MS = 24 * 60 * 60 * 1000

/** As many links one after the other as Linux follows. */
const MOST_LINKS = 40

/** What the output of a program is sent to is no file of ours, whatever it is. */
const OUTPUT = /^\/(?:dev\/(?:stdout|stderr|fd\/\d+)|proc\/[^/]+\/fd\/\d+)$/

const ENDING = '.unfinished'

/**
 * Puts a file in its place at once, when all of it is there: whoever reads or fails meanwhile has the old one. Of several
 * at the same time the last to finish wins. What is no regular file, such as a pipe, is written to as it comes.
 *
 * A link stays one: what it leads to is replaced. The new file may be read by those who could read the old one.
 */
export async function writeWhole(file: string, content: Content): Promise<void> {
  const before = await statOf(file)
  const target = await targetOf(file)
  const isStream = OUTPUT.test(target) || before?.isFile() === false
  if (isStream) await pipeline(content, createWriteStream(file, { flags: 'a' }))
  else await replace(target, { content, before })
}

async function replace(
  file: string,
  { content, before }: { readonly content: Content; readonly before: Stats | undefined },
): Promise<void> {
  const mode = before === undefined ? 0o666 : before.mode & 0o777
  const draft = `${file}.${randomUUID().slice(0, 8)}${ENDING}`
  try {
    await pipeline(content, createWriteStream(draft, { flags: 'wx', mode }))
    if (before !== undefined) await chmod(draft, mode)
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  await removeAbandoned(file)
}

/** Nothing where there is no such file, or a link leads nowhere. */
async function statOf(file: string): Promise<Stats | undefined> {
  try {
    return await stat(file)
  } catch {
    return undefined
  }
}

/** Where links lead, also to a file that is not there yet. */
async function targetOf(file: string): Promise<string> {
  let target = resolve(file)
  for (let links = 0; links < MOST_LINKS; links++) {
    const info = await lstat(target).catch(() => undefined)
    if (OUTPUT.test(target) || info?.isSymbolicLink() !== true) return target
    target = resolve(dirname(target), await readlink(target))
  }
  return target
}

async function removeAbandoned(file: string): Promise<void> {
  const [folder, start] = [dirname(file), `${basename(file)}.`]
  try {
    const { mtimeMs: now } = await stat(file)
    for (const name of await readdir(folder)) {
      const middle = name.slice(start.length, -ENDING.length)
      if (name !== `${start}${middle}${ENDING}` || !/^[\da-f]{8}$/.test(middle)) continue
      const { mtimeMs } = await stat(join(folder, name))
      if (now - mtimeMs > ABANDONED_MS) await rm(join(folder, name), { force: true })
    }
  } catch {
    // The file itself is there; what is left over may be gone by the next time.
  }
}
