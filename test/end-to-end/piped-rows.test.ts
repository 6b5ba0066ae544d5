import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Home, ROOT, SKEIN, until, type Running } from './skein.ts'

/** Elsewhere standard input has no path. */
const isUnix = process.platform !== 'win32'

/** A program without models that writes down each row that it does, and where. */
async function noting(home: Home) {
  const notes = join(home.folder, 'notes.txt')
  const file = await home.file(
    'noting.ts',
    `import { appendFileSync } from 'node:fs'
import { pipeline, step } from '@skein/client'
import { z } from 'zod'
const note = step({ name: 'note', input: z.string(), output: z.string(), run: (text) => {
  appendFileSync(${JSON.stringify(notes)}, text + '\\n')
  return text.toUpperCase()
} })
export const noted = pipeline('noted', { text: z.string() }).map(({ text }) => text).step(note)
`,
  )
  const isNoted = async (text: string) =>
    existsSync(notes) && (await readFile(notes, 'utf8')).includes(text)
  const begin = (...more: string[]) => {
    const running = home.start(['run', file, '--inputs', '-', '--id', 'piped', ...more])
    const write = (text: string) => running.child.stdin?.write(`${text}\n`)
    return { running, write }
  }
  return { file, isNoted, begin, notes }
}

function endOfInputs({ child }: Running): void {
  child.stdin?.end()
}

describe('skein run on rows that another program writes', () => {
  it('[D24] begins with the first while the program still writes', async () => {
    await using home = await Home.create()
    const { begin, isNoted } = await noting(home)
    const { running, write } = begin()
    write('{"text":"a"}')
    await until('the first row is done', () => isNoted('a'))
    write('{"text":"b"}')
    await until('the second row is done', () => isNoted('b'))
    endOfInputs(running)
    expect(await running.ended).toMatchObject({ code: 0, out: 'A\nB\n' })
    const again = await home.run(['runs', 'resume', 'piped'])
    expect(again).toMatchObject({ code: 0, out: 'A\nB\n' })
  })

  it('[D33] keeps what was done before a row that is wrong, and leaves such rows out where a file takes them', async () => {
    await using home = await Home.create()
    const { begin, isNoted } = await noting(home)
    const { running, write } = begin()
    write('{"text":"a"}')
    await until('the first row is done', () => isNoted('a'))
    write('{"text":3}')
    const ended = await running.ended
    expect(ended).toMatchObject({ code: 2, out: 'A\n', isCleanError: true })
    expect(ended.talk).toMatch(/standard input line 2: input "text": expected string/)
    expect(ended.talk).toContain('What came before it was sent; --failures FILE')
    expect(ended.talk).not.toContain('left out')

    const bad = join(home.folder, 'bad.jsonl')
    const other = begin('--id', 'other', '--failures', bad)
    other.write('{"text":"c"}')
    await until('the row is done', () => isNoted('c'))
    other.write('{"text":3}\n{"text":"d"}')
    endOfInputs(other.running)
    const partial = await other.running.ended
    expect(partial).toMatchObject({ code: 4, out: 'C\nD\n' })
    expect(partial.talk).toContain(`1 row left out: ${bad} says why`)
    expect(JSON.parse(await readFile(bad, 'utf8'))).toMatchObject({ place: 'line 2' })
  })

  it.runIf(isUnix)(
    '[D33] leaves alone the file that is standard input, where it is named for the rows that are wrong',
    async () => {
      await using home = await Home.create()
      const { file } = await noting(home)
      const rows = await home.file('rows.jsonl', '{"text":"a"}\n3\n')
      await using handle = await open(rows)
      const args = ['run', file, '--inputs', '-', '--failures', rows, '--home', home.folder]
      const { status, stderr } = spawnSync(process.execPath, [SKEIN, ...args], {
        cwd: ROOT,
        stdio: [handle.fd, 'pipe', 'pipe'],
        encoding: 'utf8',
      })
      expect({ status, stderr }).toMatchObject({
        status: 2,
        stderr: expect.stringContaining(`${rows} is the file that is read`) as unknown,
      })
      expect(await readFile(rows, 'utf8')).toBe('{"text":"a"}\n3\n')
    },
  )

  it('[F15] goes on, when it was stopped before it had read them all, with the same rows again', async () => {
    await using home = await Home.create()
    const { begin, isNoted, notes } = await noting(home)
    const { running, write } = begin()
    write('{"text":"a"}')
    await until('the first row is done', () => isNoted('a'))
    running.child.kill('SIGINT')
    const stopped = await running.ended
    expect(stopped).toMatchObject({ code: 130, out: 'A\n' })
    expect(stopped.talk).toContain(
      'runs resume piped --inputs FILE, with the same rows from the first',
    )
    const alone = await home.run(['runs', 'resume', 'piped'])
    expect(alone).toMatchObject({ code: 2, isCleanError: true })
    expect(alone.talk).toContain('Give them again: ')
    const others = await home.file('others.jsonl', '{"text":"x"}\n{"text":"b"}\n')
    const refused = await home.run(['runs', 'resume', 'piped', '--inputs', others])
    expect(refused).toMatchObject({ code: 2, isCleanError: true })
    const rows = await home.file('rows.jsonl', '{"text":"a"}\n{"text":"b"}\n')
    const resumed = await home.run(['runs', 'resume', 'piped', '--inputs', rows])
    expect(resumed).toMatchObject({ code: 0, out: 'A\nB\n' })
    expect(await readFile(notes, 'utf8')).toBe('a\nb\n')
  })
})
