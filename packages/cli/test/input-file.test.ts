import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { CliError } from '../src/errors.ts'
import { readRows } from '../src/input-file.ts'

const schema = z.object({ topic: z.string() })
const nothing = Readable.from([])
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skein-input-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function file(content: string): Promise<string> {
  const path = join(folder, 'rows.jsonl')
  await writeFile(path, content)
  return path
}

async function refusal(path: string, stdin: Readable = nothing): Promise<CliError> {
  const error: unknown = await readRows(path, { schema, stdin }).catch((cause: unknown) => cause)
  if (error instanceof CliError) return error
  throw new CliError('FAILED', 'it was accepted')
}

describe('a file of rows', () => {
  it('is read line by line; blank lines, a byte order mark and Windows line ends are fine', async () => {
    const path = await file('\uFEFF{"topic":"a"}\r\n\n  \n"b"\n{"topic":"c"}')
    expect((await readRows(path, { schema, stdin: nothing })).rows).toEqual([
      { topic: 'a' },
      { topic: 'b' },
      { topic: 'c' },
    ])
  })

  it('may share inputs that are given beside it', async () => {
    const wide = z.object({ topic: z.string(), lines: z.number() })
    const path = await file('{"topic":"a"}\n"b"\n{"topic":"c","lines":2}')
    const common = { lines: 3 }
    expect((await readRows(path, { schema: wide, common, stdin: nothing })).rows).toEqual([
      { topic: 'a', lines: 3 },
      { topic: 'b', lines: 3 },
      { topic: 'c', lines: 2 },
    ])
  })

  it('[D33] may be CSV, whose cells become what the inputs want', async () => {
    const wide = z.object({ topic: z.string(), lines: z.number() })
    const path = join(folder, 'rows.csv')
    await writeFile(path, 'topic,lines,other\na,3,x\n"b, c",4,y\n')
    expect((await readRows(path, { schema: wide, stdin: nothing })).rows).toEqual([
      { topic: 'a', lines: 3 },
      { topic: 'b, c', lines: 4 },
    ])
    await writeFile(path, 'topic\na\n')
    const common = { lines: 7 }
    expect((await readRows(path, { schema: wide, common, stdin: nothing })).rows).toEqual([
      { topic: 'a', lines: 7 },
    ])
    const loose = z.object({ topic: z.string(), lang: z.string().nullish() })
    await writeFile(path, 'topic,lang\na,\nb,de\n')
    const shared = { common: { lang: 'en' }, stdin: nothing }
    expect((await readRows(path, { schema: loose, ...shared })).rows).toEqual([
      { topic: 'a', lang: 'en' },
      { topic: 'b', lang: 'de' },
    ])
  })

  it('of CSV with a row that does not fit is refused, naming file and line', async () => {
    const path = join(folder, 'bad.csv')
    await writeFile(path, 'topic,lines\na,3\nb,many\n')
    const wide = z.object({ topic: z.string(), lines: z.number() })
    const error: unknown = await readRows(path, { schema: wide, stdin: nothing }).catch(
      (cause: unknown) => cause,
    )
    expect(error).toMatchObject({
      exitCode: 2,
      message: `${path} line 3: lines: Invalid input: expected number, received string`,
    })
  })

  it('may come from standard input', async () => {
    const stdin = Readable.from([Buffer.from('{"topic":'), Buffer.from('"雁"}\n')])
    const { rows } = await readRows('-', { schema, stdin })
    expect(await Array.fromAsync(rows)).toEqual([{ topic: '雁' }])
  })

  it('with a malformed row is refused, naming file and line, without quoting the row', async () => {
    const rows = Array.from({ length: 20 }, (_, index) =>
      index === 16 ? '{"topic": secret words}' : JSON.stringify({ topic: `t${index}` }),
    )
    const error = await refusal(await file(rows.join('\n')))
    expect(error.message).toMatch(/^rows\.jsonl line 17: not valid JSON \(.+\)$/)
    expect(error.message).not.toContain('secret')
    expect(error.exitCode).toBe(2)
    expect(error.mend).toContain('Nothing was sent')
  })

  it('[D33] with a number that would be rounded is refused, so that two ids never become one', async () => {
    const wide = z.object({ id: z.number() })
    const path = await file('{"id":9007199254740992}\n{"id":9007199254740993}\n{"id":1e3}\n')
    await expect(readRows(path, { schema: wide, stdin: nothing })).rejects.toThrow(
      'rows.jsonl line 2: id: a number beyond 2^53 would be rounded; write it in quotes',
    )
    const failures = join(folder, 'rounded.jsonl')
    const { rows, bad } = await readRows(path, { schema: wide, stdin: nothing, failures })
    expect({ rows, bad }).toEqual({ rows: [{ id: 9007199254740992 }, { id: 1000 }], bad: 1 })
  })

  it.each(['9007199254740993.5', '9.007199254740993e15', '1e400'])(
    '[D33] with a number that would be rounded is refused however it is written: %s',
    async (id) => {
      const path = await file(`{"id":1.10}\n{"id":${id}}\n`)
      const wide = z.object({ id: z.number() })
      await expect(readRows(path, { schema: wide, stdin: nothing })).rejects.toThrow(
        'rows.jsonl line 2: id: a number beyond 2^53 would be rounded',
      )
    },
  )

  it('[D33] that is not UTF-8 is refused with the line, from standard input as well', async () => {
    const bytes = Buffer.from('{"topic":"a"}\n\n{"topic":"K\u00e4se"}', 'latin1')
    const path = join(folder, 'latin.jsonl')
    await writeFile(path, bytes)
    const error = await refusal(path)
    expect(error.message).toBe(`cannot read ${path}: line 3: it is not UTF-8`)
    expect(error.mend).toContain('Save the file as UTF-8')
    const ended = Buffer.concat([bytes, Buffer.from('\n')])
    const piped = await refusal('-', Readable.from([ended]))
    expect(piped.message).toBe('cannot read standard input: line 3: it is not UTF-8')
    expect(piped.mend).toContain('Save the file as UTF-8')
  })

  it('with a row that does not fit is refused, naming file and line', async () => {
    const error = await refusal(await file('{"topic":"a"}\n\n{"topic":3}\n'))
    expect(error.message).toBe('rows.jsonl line 3: input "topic": expected string, received number')
  })

  it('with many bad rows names the first five and counts the rest', async () => {
    const error = await refusal(await file('[]\n'.repeat(12)))
    expect(error.message.split('\n')).toHaveLength(6)
    expect(error.message).toContain('… and 7 more')
  })

  it.each([
    ['that is not there', 'missing.jsonl', 'there is no such file'],
    ['that is a folder', '.', 'it is a folder'],
  ])('%s is refused', async (_, name, reason) => {
    const error = await refusal(join(folder, name))
    expect(error.message).toContain(reason)
    expect(error.exitCode).toBe(2)
  })

  it('[D33] leaves out rows that are wrong, where a file takes them, and begins that file anew', async () => {
    const failures = join(folder, 'bad-rows.jsonl')
    const path = await file('{"topic":"a"}\n{"topic":\n{"topic":3}\n"b"\n')
    const { rows, bad } = await readRows(path, { schema, stdin: nothing, failures })
    expect({ rows, bad }).toEqual({ rows: [{ topic: 'a' }, { topic: 'b' }], bad: 2 })
    const written = (await readFile(failures, 'utf8')).trimEnd().split('\n')
    expect(written.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { place: 'line 2', text: '{"topic":' },
      {
        place: 'line 3',
        text: '{"topic":3}',
        problem: expect.stringContaining('topic') as unknown,
      },
    ])
    await readRows(await file('"a"\n'), { schema, stdin: nothing, failures })
    expect(await readFile(failures, 'utf8')).toBe('')
    const table = join(folder, 'half.csv')
    await writeFile(table, 'topic,lines\na,3\nb,many\n')
    const wide = z.object({ topic: z.string(), lines: z.number() })
    expect(await readRows(table, { schema: wide, stdin: nothing, failures })).toMatchObject({
      rows: [{ topic: 'a', lines: 3 }],
      bad: 1,
    })
  })

  it('[D33] is never the file of its wrong rows, and some row must fit', async () => {
    const path = await file('{"topic":"a"}\n3\n')
    const link = join(folder, 'link.jsonl')
    await symlink(path, link)
    const stdin = nothing
    for (const failures of [path, link]) {
      await expect(readRows(path, { schema, stdin, failures })).rejects.toThrow(
        'is the file that is read',
      )
    }
    expect(await readFile(path, 'utf8')).toBe('{"topic":"a"}\n3\n')
    const failures = join(folder, 'no', 'bad-rows.jsonl')
    await expect(readRows(path, { schema, stdin, failures })).rejects.toThrow('cannot write')
    const none = { schema, stdin, failures: join(folder, 'bad-rows.jsonl') }
    await expect(readRows(await file('3\n'), none)).rejects.toThrow('no row of rows.jsonl fits')
  })

  it('without rows is refused', async () => {
    expect((await refusal(await file('\n\n'))).message).toBe('rows.jsonl holds no rows')
  })
})
