import type { Stats } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import path from 'node:path'
import process from 'node:process'
import { ProtocolError } from './errors.ts'
import { codeOf, createExclusively } from './exclusive-file.ts'

/** A kind of secret that lives in a file of its own. */
export interface SecretKind<T> {
  /** For people: `network key`. */
  readonly what: string
  create(): Promise<string>
  /** Rejects what it cannot read. */
  parse(text: string): Promise<T>
}

/** Permission bits of group and others: a secret has none of them. */
const OTHERS = 0o077
/** More than any secret of ours, so that a wrong path does not read a disk image. */
const MOST_BYTES = 4096

/**
 * Reads a secret, after making it where there is none. Processes that start at the same moment
 * agree on one.
 *
 * @throws {ProtocolError} `INVALID_KEY` naming the file and the mend
 */
export async function loadSecret<T>(file: string, kind: SecretKind<T>): Promise<T> {
  const text = (await read(file, kind.what)) ?? (await create(file, kind))
  try {
    return await kind.parse(text)
  } catch (error) {
    throw new ProtocolError(
      'INVALID_KEY',
      `the ${kind.what} in ${file} is damaged: restore the file, or delete it to make a new one`,
      { cause: error },
    )
  }
}

async function read(file: string, what: string): Promise<string | undefined> {
  try {
    await using handle = await open(file, 'r')
    const status = await handle.stat()
    refuseIfNoFile(file, what, status)
    refuseIfOpenToOthers(file, what, status.mode)
    if (status.size > MOST_BYTES) return ''
    return await handle.readFile('utf8')
  } catch (error) {
    if (error instanceof ProtocolError) throw error
    if (codeOf(error) === 'ENOENT') return undefined
    throw new ProtocolError(
      'INVALID_KEY',
      `cannot read the ${what} in ${file} (${codeOf(error)}): give yourself the right to read it, or name another file`,
      { cause: error },
    )
  }
}

function refuseIfNoFile(file: string, what: string, status: Stats): void {
  if (status.isFile()) return
  throw new ProtocolError(
    'INVALID_KEY',
    `the ${what} should be in ${file}, but that is no file: move it away, or name another file`,
  )
}

function refuseIfOpenToOthers(file: string, what: string, mode: number): void {
  if (process.platform === 'win32' || (mode & OTHERS) === 0) return
  throw new ProtocolError(
    'INVALID_KEY',
    `the ${what} in ${file} can be read by others on this machine: run chmod 600 '${file}'`,
  )
}

async function create<T>(file: string, kind: SecretKind<T>): Promise<string> {
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
    await createExclusively(file, `${await kind.create()}\n`)
  } catch (error) {
    throw new ProtocolError(
      'INVALID_KEY',
      `cannot write a new ${kind.what} to ${file} (${codeOf(error)}): choose a folder that you may write to`,
      { cause: error },
    )
  }
  // Another process may have been quicker: then its secret is the one.
  return (await read(file, kind.what)) ?? ''
}
