import { constants, type BigIntStats } from 'node:fs'
import { open, stat, type FileHandle } from 'node:fs/promises'
import { ClientError } from '../errors.ts'
import { fileTrouble, type RawRecord } from './data-file.ts'

/** Takes the rows of a reading that were left out. */
export interface Rejects extends AsyncDisposable {
  add(record: RawRecord, problem: string): Promise<void>
}

/**
 * Makes the file of rows that were left out, empty at first: one of an earlier reading would look like that of this one.
 *
 * @throws {ClientError} `INVALID_INPUT` it is the file that is read; `STORE_FAILED` it cannot be written
 */
export async function openRejects(file: string, source: string): Promise<Rejects> {
  const read = await identityOf(source)
  let handle: FileHandle
  try {
    // Not emptied yet: it may be the source, by another path or a link.
    handle = await open(file, constants.O_WRONLY | constants.O_CREAT)
  } catch (cause) {
    throw fileTrouble(file, 'write', cause)
  }
  try {
    const { dev, ino } = await handle.stat({ bigint: true })
    if (dev === read.dev && ino === read.ino) throw sameFile(file)
    await empty(handle)
  } catch (cause) {
    await handle.close()
    throw fileTrouble(file, 'write', cause)
  }
  return new RejectsFile(file, handle)
}

async function identityOf(source: string): Promise<BigIntStats> {
  try {
    return await stat(source, { bigint: true })
  } catch (cause) {
    throw fileTrouble(source, 'read', cause)
  }
}

function sameFile(file: string): ClientError {
  const mend = "let bad rows go elsewhere: { failures: 'bad-rows.jsonl' }"
  return new ClientError('INVALID_INPUT', `${file} is the file that is read; ${mend}`)
}

/** A pipe or device has nothing to empty. */
async function empty(handle: FileHandle): Promise<void> {
  const info = await handle.stat()
  if (info.isFile()) await handle.truncate()
}

class RejectsFile implements Rejects {
  readonly #file: string
  readonly #handle: FileHandle

  constructor(file: string, handle: FileHandle) {
    this.#file = file
    this.#handle = handle
  }

  async add(record: RawRecord, problem: string): Promise<void> {
    const row = 'value' in record ? { row: record.value } : { text: record.text }
    const line = JSON.stringify({ place: record.place, problem, ...row }, plainly)
    try {
      await this.#handle.writeFile(`${line}\n`)
    } catch (cause) {
      throw fileTrouble(this.#file, 'write', cause)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close()
  }
}

/** What JSON cannot say; bytes as Base64. */
function plainly(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  return typeof value === 'bigint' ? String(value) : value
}
