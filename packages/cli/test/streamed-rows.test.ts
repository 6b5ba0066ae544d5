import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readRows } from '../src/input-file.ts'

const schema = z.object({ topic: z.string() })
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skein-stream-'))
})
afterAll(() => rm(folder, { recursive: true }))

function piped(...chunks: readonly (string | Buffer)[]): Readable {
  return Readable.from(chunks.map((chunk) => Buffer.from(chunk)))
}

/** A file of JSON lines that is too large to be read whole. */
async function large(content: string) {
  const path = join(folder, 'large.jsonl')
  await writeFile(path, content)
  return { path, options: { schema, stdin: piped(), wholeBytes: 10 } }
}

describe('rows from standard input', () => {
  it('[D24] are there as soon as they are written, while the program that writes them goes on', async () => {
    const stdin = new PassThrough()
    stdin.write('{"topic":"a"}\n{"top')
    const { rows } = await readRows('-', { schema, stdin })
    const seen: unknown[] = []
    for await (const row of rows) {
      seen.push(row)
      if (seen.length === 1) stdin.write('ic":"b"}\n')
      if (seen.length === 2) stdin.end('{"topic":"c"}')
    }
    expect(seen).toEqual([{ topic: 'a' }, { topic: 'b' }, { topic: 'c' }])
  })

  it('[D24] are read no faster than they are asked for', async () => {
    let written = 0
    const stdin = Readable.from(
      (function* write() {
        for (; written < 10_000; written++) yield Buffer.from(`{"topic":"${written}"}\n`)
      })(),
    )
    const { rows } = await readRows('-', { schema, stdin })
    let asked = 0
    for await (const row of rows) {
      expect(row).toEqual({ topic: `${asked}` })
      if (++asked === 100) break
    }
    expect(written).toBeLessThan(200)
    expect(stdin.destroyed).toBe(true)
  })

  it('[D24] are let go by who wants no more, also while the program writes nothing', async () => {
    const stdin = new PassThrough()
    stdin.write('{"topic":"a"}\n')
    const read = await readRows('-', { schema, stdin })
    if (!(Symbol.asyncIterator in read.rows)) throw new TypeError('it was read whole')
    const rows = read.rows[Symbol.asyncIterator]()
    expect((await rows.next()).value).toEqual({ topic: 'a' })
    const waiting = rows.next().catch(() => 'ended')
    await rows.return?.()
    await waiting
    expect(stdin.destroyed).toBe(true)
    expect(read.isUnread).toBe(true)
  })

  it('[D33] are the same wherever a piece ends: in a character, a line end, a byte order mark', async () => {
    const bytes = Buffer.from('\uFEFF{"topic":"雁"}\r\n\r\n{"topic":"🪿"}\r\n"c"')
    const pieces = Array.from(bytes, (byte) => Buffer.from([byte]))
    const read = await readRows('-', { schema, stdin: piped(...pieces) })
    const expected = [{ topic: '雁' }, { topic: '🪿' }, { topic: 'c' }]
    expect(await Array.fromAsync(read.rows)).toEqual(expected)
    expect(read.isUnread).toBe(false)
  })

  it('[D33] are looked at before any is sent, as far as they have arrived', async () => {
    const stdin = piped('{"topic":"a"}\n{"topic":3}\n', '{"topic":"b"}\n')
    await expect(readRows('-', { schema, stdin })).rejects.toMatchObject({
      message: 'standard input line 2: input "topic": expected string, received number',
      mend: expect.stringContaining('Nothing was sent') as unknown,
      exitCode: 2,
    })
    const blank = readRows('-', { schema, stdin: piped('\n', ' \n', '\n') })
    await expect(blank).rejects.toThrow('standard input holds no rows')
  })

  it('[D33] end with the first that is wrong, by its line; what came before it was sent', async () => {
    const stdin = piped('{"topic":"a"}\n\n', '{"topic":"b"}\n[]\n{"topic":9007199254740993}\n')
    const { rows } = await readRows('-', { schema, stdin })
    const seen: unknown[] = []
    const reading = (async () => {
      for await (const row of rows) seen.push(row)
    })()
    await expect(reading).rejects.toMatchObject({
      message: expect.stringMatching(
        /^standard input line 4: .+\nstandard input line 5: topic: a number beyond 2\^53 would be/,
      ) as unknown,
      mend: expect.stringContaining('What came before it was sent') as unknown,
    })
    expect(seen).toEqual([{ topic: 'a' }])
    const latin = piped('{"topic":"a"}\n', Buffer.from('\n{"topic":"K\u00e4se"}\n', 'latin1'))
    const late = await readRows('-', { schema, stdin: latin })
    await expect(Array.fromAsync(late.rows)).rejects.toThrow(
      'cannot read standard input: line 3: it is not UTF-8',
    )
  })

  it('[D33] leave out those that are wrong, where a file takes them, as they come', async () => {
    const failures = join(folder, 'bad.jsonl')
    await writeFile(failures, 'of another run')
    const stdin = piped('[]\n', '{"topic":"a"}\n3\n', '{"topic":"b"}\n{\n')
    const read = await readRows('-', { schema, stdin, failures })
    expect(read.bad).toBe(2)
    expect(await Array.fromAsync(read.rows)).toEqual([{ topic: 'a' }, { topic: 'b' }])
    expect(read.bad).toBe(3)
    const lines = (await readFile(failures, 'utf8')).trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { place: 'line 1', text: '[]' },
      { place: 'line 3', text: '3' },
      { place: 'line 5', text: '{' },
    ])
    const none = readRows('-', { schema, stdin: piped('3\n'), failures })
    await expect(none).rejects.toThrow('no row of standard input fits')
  })

  it('[D33] may be longer than any text, but a line may not', async () => {
    const megabyte = Buffer.alloc(2 ** 20, ' ')
    const spaces = function* write(lineEnd: string) {
      for (let n = 0; n < 520; n++) yield* [megabyte, Buffer.from(lineEnd)]
      yield Buffer.from('{"topic":"last"}')
    }
    const { rows } = await readRows('-', { schema, stdin: Readable.from(spaces('\n')) })
    expect(await Array.fromAsync(rows)).toEqual([{ topic: 'last' }])
    const endless = readRows('-', { schema, stdin: Readable.from(spaces(' ')) })
    await expect(endless).rejects.toThrow('standard input: line 1 is longer than 256 MiB')
  })
})

describe('a large file of rows', () => {
  it('[D33] is read as rows are asked for, once it is known that none is wrong', async () => {
    const { path, options } = await large('{"topic":"a"}\n\n"b"\n')
    const { rows, bad } = await readRows(path, options)
    expect(Array.isArray(rows)).toBe(false)
    expect({ rows: await Array.fromAsync(rows), bad }).toEqual({
      rows: [{ topic: 'a' }, { topic: 'b' }],
      bad: 0,
    })
  })

  it('[D33] is refused with its line before anything is sent, or without the rows that are wrong', async () => {
    const { path, options } = await large('{"topic":"a"}\n{"topic":"b"}\n[]\n')
    await expect(readRows(path, options)).rejects.toMatchObject({
      message: expect.stringMatching(/^large\.jsonl line 3: /) as unknown,
      mend: expect.stringContaining('Nothing was sent') as unknown,
    })
    const failures = join(folder, 'large-bad.jsonl')
    const { rows, bad } = await readRows(path, { ...options, failures })
    expect(bad).toBe(1)
    expect(await Array.fromAsync(rows)).toEqual([{ topic: 'a' }, { topic: 'b' }])
    expect((await readFile(failures, 'utf8')).split('\n')).toHaveLength(2)
  })

  it('[D33] is found out where it has become another meanwhile', async () => {
    const { path, options } = await large('{"topic":"a"}\n')
    const { rows } = await readRows(path, options)
    await writeFile(path, '{"topic":3}\n')
    await expect(Array.fromAsync(rows)).rejects.toThrow('large.jsonl line 1: input "topic"')
  })
})
