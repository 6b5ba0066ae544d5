import { once } from 'node:events'
import { constants, getPriority } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { echoProgram, rowsFile } from './programs.ts'
import { clientAt, Home, type Ended } from './skein.ts'

const HAIKU = ['examples/haiku.ts', '--input', 'instruction=Write a haiku about migrating geese']

/** What `run --json` promises. */
const Result = z.object({
  output: z.array(z.string()),
  failures: z.array(z.object({ step: z.string(), message: z.string(), index: z.int() })),
  stats: z.object({
    tasks: z.int(),
    tokens: z.int(),
    ms: z.int(),
    nodes: z.int(),
    retries: z.int(),
    byNode: z.array(z.object({ node: z.string(), tasks: z.int() })),
  }),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
})

function resultOf({ out, talk, code }: Ended): z.infer<typeof Result> {
  const [line = '', ...rest] = out.trimEnd().split('\n')
  expect(rest, `more than one line on stdout (${code}): ${talk}`).toEqual([])
  return Result.parse(JSON.parse(line))
}

async function withHome(test: (home: Home) => Promise<void>): Promise<void> {
  await using home = await Home.create()
  await test(home)
}

describe('skein run', () => {
  describe('on three nodes in other processes', () => {
    let home: Home

    beforeAll(async () => {
      home = await Home.create()
      const names = ['greylag', 'barnacle', 'brent']
      await Promise.all(names.map((name) => home.node('--name', name, '--engine', 'demonstration')))
    })
    afterAll(() => home[Symbol.asyncDispose]())

    it('[D20] prints one JSON object with output, failures and stats', async () => {
      const ended = await home.run(['run', ...HAIKU, '--json'])
      expect(ended).toMatchObject({ code: 0 })
      const { output, failures, stats } = resultOf(ended)
      expect(new Set(output).size).toBe(5)
      expect(failures).toEqual([])
      expect(stats).toMatchObject({ tasks: 6 })
      expect(stats.nodes).toBeGreaterThan(1)
      expect(stats.tokens).toBeGreaterThan(50)
    })

    it('[D31] shows the models with nodes, free slots and measured speed', async () => {
      const { code, out } = await home.run(['models'])
      expect(code).toBe(0)
      const [heading = '', row = ''] = out.split('\n')
      expect(heading.split(/\s+/)).toEqual([
        'MODEL',
        'NODES',
        'FREE',
        'SLOTS',
        'TOKENS/S',
        'CONTEXT',
        'CAN',
      ])
      expect(row).toMatch(/^skein-demo +3 +12 +12 +\S+ +\d+ +demonstration$/)
    })

    it('status names every node; --json is for programs, --watch goes on until Ctrl-C', async () => {
      const { code, out } = await home.run(['status'])
      expect(code).toBe(0)
      for (const name of ['greylag', 'barnacle', 'brent']) expect(out).toContain(name)
      const json: unknown = JSON.parse((await home.run(['status', '--json'])).out)
      expect(json).toMatchObject({ nodes: [{}, {}, {}], models: [{ name: 'skein-demo' }] })
      const watch = home.start(['status', '--watch', '--json'])
      for (let looks = 0; looks < 2; looks += 1) {
        if (watch.child.stdout) await once(watch.child.stdout, 'data')
      }
      watch.child.kill('SIGINT')
      const { code: end, out: lines } = await watch.ended
      expect(end).toBe(0)
      for (const line of lines.trim().split('\n')) {
        expect(JSON.parse(line)).toMatchObject({ nodes: [{}, {}, {}] })
      }
    })
  })

  // Each has a network of its own, and most of them wait most of the time.
  describe.concurrent('on a network of its own', () => {
    it('--local needs no node', () =>
      withHome(async (home) => {
        const ended = await home.run(['run', ...HAIKU, '--json', '--local'])
        expect(ended).toMatchObject({ code: 0 })
        const { output, stats } = resultOf(ended)
        expect(new Set(output).size).toBe(5)
        expect(stats).toMatchObject({ tasks: 6, nodes: 1 })
      }))

    it('leaves the machine of a node to its other programs first', () =>
      withHome(async (home) => {
        const [node] = await home.scriptedNodes(1, { echo: true })
        const lower = Math.max(constants.priority.PRIORITY_BELOW_NORMAL, getPriority())
        expect(getPriority(node?.child.pid)).toBe(lower)
      }))

    it('[D29] --wait-for-nodes waits for a node that starts later', () =>
      withHome(async (home) => {
        const program = await echoProgram(home)
        const { ended } = home.start([
          'run',
          program,
          '--input',
          'text=hi',
          '--wait-for-nodes',
          '30',
        ])
        await sleep(500)
        await home.scriptedNodes(1, { echo: true })
        expect(await ended).toMatchObject({ code: 0, out: 'hi\n' })
      }))

    it('loses nothing and does nothing twice when a node of three is killed in the middle of 1,000 rows', () =>
      withHome(async (home) => {
        const script = { echo: true, slots: 4, ms: 60 }
        const program = await echoProgram(home)
        const rows = await rowsFile(home, 1_000)
        const names = ['a', 'b', 'victim']
        const nodes = await Promise.all(names.map((name) => home.talkingNode(name, script)))
        const running = home.start(['run', program, '--inputs', rows, '--json'])
        await Promise.all(nodes.map((node) => clientAt(node, 1_000)))
        nodes[2]?.child.kill('SIGKILL')
        const ended = await running.ended
        expect(ended).toMatchObject({ code: 0 })
        const { output, failures, stats } = resultOf(ended)
        expect(output).toEqual(Array.from({ length: 1_000 }, (_, index) => `row ${index}`))
        expect(failures).toEqual([])
        expect(stats.tasks).toBe(1_000)
        const shares = new Map(stats.byNode.map(({ node, tasks }) => [node, tasks]))
        expect([...shares.keys()].toSorted()).toEqual(['a', 'b', 'victim'])
        expect([...shares.values()].reduce((sum, tasks) => sum + tasks, 0)).toBe(1_000)
        // It was in the middle: some of its tasks were done, and others came back.
        expect(stats.retries).toBeGreaterThan(0)
      }))

    it('says what is missing within 15 s when every node is killed, with exit code 3', () =>
      withHome(async (home) => {
        const script = { echo: true, slots: 2, ms: 200 }
        const names = ['a', 'b', 'c']
        const nodes = await Promise.all(names.map((name) => home.talkingNode(name, script)))
        const program = await echoProgram(home)
        const running = home.start(['run', program, '--inputs', await rowsFile(home, 1_000)])
        await Promise.all(nodes.map((node) => clientAt(node, 1_000)))
        // The first rows are done by then, however busy the machine is.
        await new Promise((resolve) => setTimeout(resolve, 2_500))
        for (const { child } of nodes) child.kill('SIGKILL')
        const killedAt = performance.now()
        const ended = await running.ended
        expect(performance.now() - killedAt).toBeLessThan(15_000)
        expect(ended.code).toBe(3)
        expect(ended.talk).toMatch(/no node is there any more .*skein node start/)
        expect(ended.isCleanError).toBe(true)
        // What was done is not lost.
        expect(ended.out).toContain('row 0\n')
      }))

    it('done with failures that are allowed lists them and exits with 4', () =>
      withHome(async (home) => {
        const faults = { fail: { matching: 'row 7' } }
        await home.scriptedNodes(2, { echo: true, slots: 4, faults })
        const program = await echoProgram(home, { minSuccessRatio: 0.8 })
        const ended = await home.run([
          'run',
          program,
          '--inputs',
          await rowsFile(home, 20),
          '--json',
        ])
        expect(ended).toMatchObject({ code: 4 })
        const { output, failures } = resultOf(ended)
        expect(output).toHaveLength(19)
        expect(failures).toMatchObject([{ step: 'echo', index: 7 }])
        expect(ended.talk).toContain('1 row failed')
      }))

    it('ends when it has told its result, though its program leaves a timer running', () =>
      withHome(async (home) => {
        const program = await home.file(
          'open.ts',
          `import { pipeline } from '@skein/client'
import { z } from 'zod'
setInterval(() => {}, 1000)
export const next = pipeline('next', { n: z.number() }).map(({ n }) => n + 1)
`,
        )
        const ended = await home.run(['run', program, '--input', 'n=1'])
        expect(ended).toMatchObject({ code: 0, out: '2\n' })
      }))

    it('[N9] stopped by Ctrl-C keeps what is done, and exits with 130', () =>
      withHome(async (home) => {
        const node = await home.talkingNode('slow', { echo: true, slots: 2, ms: 100 })
        const program = await echoProgram(home)
        const running = home.start([
          'run',
          program,
          '--inputs',
          await rowsFile(home, 500),
          '--json',
        ])
        await clientAt(node, 1_000)
        running.child.kill('SIGINT')
        const ended = await running.ended
        expect(ended.code).toBe(130)
        const { output, error } = resultOf(ended)
        expect(output[0]).toBe('row 0')
        expect(output.length).toBeLessThan(500)
        expect(error?.code).toBe('CANCELLED')
      }))
  })
})
