import { rm } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { echoProgram, rowsFile } from './programs.ts'
import { Home, until, type Ended, type Running } from './skein.ts'

const ROWS = 100
const SLOW = { echo: true, slots: 2, ms: 250 }

const Summary = z.object({ id: z.string(), state: z.string(), rows: z.number() })
const Result = z.object({
  id: z.string(),
  output: z.array(z.string()),
  stats: z.object({ cached: z.int() }),
})

async function withHome(test: (home: Home) => Promise<void>): Promise<void> {
  await using home = await Home.create()
  await test(home)
}

async function summaryOf(home: Home, id: string): Promise<z.infer<typeof Summary> | undefined> {
  const { out, talk } = await home.run(['runs', 'list', '--json'])
  expect(talk).toBe('')
  return z
    .array(Summary)
    .parse(JSON.parse(out))
    .find((run) => run.id === id)
}

/** Waits until a run is in the middle. */
function inTheMiddle(home: Home, id: string): Promise<void> {
  return until('some rows are done', async () => ((await summaryOf(home, id))?.rows ?? 0) > 5)
}

/** What came of a run that was stopped in the middle: every row once, in order. */
function expectWhole(ended: Ended, doneBefore: number): void {
  expect(ended).toMatchObject({ code: 0 })
  const { output, stats } = Result.parse(JSON.parse(ended.out))
  expect(output).toEqual(Array.from({ length: ROWS }, (_, index) => `row ${index}`))
  expect(stats.cached).toBeGreaterThanOrEqual(doneBefore)
  expect(stats.cached).toBeLessThan(ROWS)
}

/** Nothing is asked twice but what was under way when the run was stopped. */
async function expectNothingTwice(node: Running): Promise<void> {
  node.child.kill('SIGINT')
  const { talk } = await node.ended
  const done = Number(/Stopping\. (\d+) done/.exec(talk)?.[1])
  expect(done).toBeGreaterThanOrEqual(ROWS)
  expect(done).toBeLessThanOrEqual(ROWS + SLOW.slots)
}

describe.concurrent('skein runs', () => {
  it('[X2] [F15] resumes a run whose process was killed, by its name alone, and repeats nothing', () =>
    withHome(async (home) => {
      const node = await home.talkingNode('slow', SLOW)
      const program = await echoProgram(home)
      const rows = await rowsFile(home, ROWS)
      const { child, ended } = home.start(['run', program, '--inputs', rows, '--id', 'geese'])
      await inTheMiddle(home, 'geese')
      child.kill('SIGKILL')
      await ended
      const stopped = await summaryOf(home, 'geese')
      expect(stopped?.state).toBe('interrupted')
      expectWhole(await home.run(['runs', 'resume', 'geese', '--json']), stopped?.rows ?? 0)
      expect(await summaryOf(home, 'geese')).toMatchObject({ state: 'done', rows: ROWS })
      await expectNothingTwice(node)
    }))

  it('[X2] are taken over by a worker, by itself, when their process was killed, and repeat nothing', () =>
    withHome(async (home) => {
      const node = await home.talkingNode('slow', SLOW)
      const program = await echoProgram(home)
      const rows = await rowsFile(home, ROWS)
      const worker = home.start(['worker', program])
      await until('it looks', () => worker.said().includes('Looking after runs of echoes'))
      const { child, ended } = home.start(['run', program, '--inputs', rows, '--id', 'geese'])
      await inTheMiddle(home, 'geese')
      child.kill('SIGKILL')
      await ended
      await until('it is done', async () => (await summaryOf(home, 'geese'))?.state === 'done')
      expect(await summaryOf(home, 'geese')).toMatchObject({ rows: ROWS })
      worker.child.kill('SIGINT')
      expect(await worker.ended).toMatchObject({ code: 0, out: 'geese: done\n' })
      await expectNothingTwice(node)
    }))

  it('[X2] says after Ctrl-C how to go on, and going on so completes the run', () =>
    withHome(async (home) => {
      const node = await home.talkingNode('slow', SLOW)
      const program = await echoProgram(home)
      const rows = await rowsFile(home, ROWS)
      const { child, ended } = home.start(['run', program, '--inputs', rows, '--id', 'geese'])
      await inTheMiddle(home, 'geese')
      child.kill('SIGINT')
      const stopped = await ended
      expect(stopped.code).toBe(130)
      expect(stopped.talk).toMatch(/Interrupted: \d+ rows done, .*skein runs resume geese\n/)
      const { state, rows: done } = (await summaryOf(home, 'geese')) ?? {}
      expect(state).toBe('cancelled')
      expectWhole(await home.run(['runs', 'resume', 'geese', '--json']), done ?? 0)
      await expectNothingTwice(node)
    }))

  it('[D28] shows a run of another process while it goes on, and stops it there', () =>
    withHome(async (home) => {
      await home.scriptedNodes(1, SLOW)
      const program = await echoProgram(home)
      const rows = await rowsFile(home, 1_000)
      const run = home.start(['run', program, '--inputs', rows, '--id', 'geese'])
      await inTheMiddle(home, 'geese')
      const partial = await home.file('partial.jsonl', '')
      expect(await home.run(['runs', 'export', 'geese', partial])).toMatchObject({
        code: 0,
        talk: expect.stringContaining('so far: the run is running') as unknown,
      })
      const held = await home.run(['runs', 'resume', 'geese'])
      expect(held).toMatchObject({ code: 1, isCleanError: true })
      expect(held.talk).toContain('skein runs cancel')
      expect(await home.run(['runs', 'cancel', 'geese'])).toMatchObject({
        code: 0,
        out: 'geese: cancelled\n',
      })
      expect(await run.ended).toMatchObject({ code: 130 })
      const again = await home.run(['runs', 'cancel', 'geese'])
      expect(again).toMatchObject({ code: 1, isCleanError: true })
      expect(again.talk).toContain('it is cancelled')
    }))

  it('[X2] records runs of this machine alone as all others, and says when the plan is gone', () =>
    withHome(async (home) => {
      const program = await echoProgram(home)
      const options = ['--input', 'text=hi', '--local']
      const { code, talk } = await home.run(['run', program, ...options, '--id', 'alone'])
      expect({ code, talk }).toMatchObject({ code: 0 })
      expect(await summaryOf(home, 'alone')).toMatchObject({ state: 'done', rows: 1 })
      const second = await home.run(['run', program, ...options, '--id', 'alone'])
      expect(second).toMatchObject({ code: 2, isCleanError: true })
      expect(second.talk).toContain("there is a run 'alone' already")
      await rm(program)
      const gone = await home.run(['runs', 'resume', 'alone', '--local'])
      expect(gone).toMatchObject({ code: 2, isCleanError: true })
      expect(gone.talk).toMatch(
        /echo\.ts, the plan of run 'alone', is not there any more\n.*--file/,
      )
    }))
})
