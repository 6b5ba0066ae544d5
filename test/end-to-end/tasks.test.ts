import { expect, it } from 'vitest'
import { z } from 'zod'
import { Home, until, type Running } from './skein.ts'

const Task = z.object({ key: z.string(), run: z.string(), step: z.string(), input: z.unknown() })

/** A person says yes or no to each draft. */
const REVIEWS = `import { external, pipeline } from '@skein/client'
import { z } from 'zod'
const review = external({ name: 'review', input: z.object({ draft: z.string() }), output: z.boolean() })
export const reviews = pipeline('reviews', { draft: z.string() }).step(review)
`

async function tasksOf(home: Home): Promise<z.infer<typeof Task>[]> {
  const { out } = await home.run(['tasks', 'list', '--json'])
  return z.array(Task).parse(JSON.parse(out))
}

/** What a command has printed, once it is so many lines. */
async function linesOf({ child }: Running, count: number): Promise<string[]> {
  let seen = ''
  child.stdout?.on('data', (piece: Buffer) => (seen += piece.toString()))
  await until(`${count} lines are there`, () => seen.split('\n').length > count)
  return seen.split('\n')
}

it('[Q9] waits for people, who answer over HTTP or by command, once each and as it fits', async () => {
  await using home = await Home.create()
  const program = await home.file('reviews.ts', REVIEWS)
  const rows = await home.file('drafts.jsonl', '{"draft":"a"}\n{"draft":"b"}')
  const run = home.start(['run', program, '--inputs', rows, '--id', 'reviews', '--json'])
  await until('both tasks are open', async () => (await tasksOf(home)).length === 2)
  const [first, second] = await tasksOf(home)
  expect(first).toMatchObject({ run: 'reviews', step: 'review', input: { draft: 'a' } })

  const server = home.start(['tasks', 'serve'], { env: { SKEIN_TASKS_TOKEN: 'secret' } })
  const [address = ''] = await linesOf(server, 1)
  expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/tasks$/)
  const url = `${address}/${encodeURIComponent(first?.key ?? '')}`
  const ask = async (method: string, body?: string, token = 'secret') => {
    const headers = { authorization: `Bearer ${token}` }
    const { status } = await fetch(url, { method, headers, ...(body !== undefined && { body }) })
    return status
  }
  expect(await ask('POST', 'true', 'guess')).toBe(401)
  expect(await ask('GET')).toBe(200)
  expect(await ask('POST', '"yes"')).toBe(400)
  expect(await tasksOf(home)).toHaveLength(2)
  expect(await ask('POST', 'true')).toBe(200)
  expect(await ask('POST', 'true')).toBe(409)

  const watch = home.start(['watch', '--json'])
  await linesOf(watch, 1)
  const misfit = await home.run(['tasks', 'complete', second?.key ?? '', '--json', '"no"'])
  expect(misfit).toMatchObject({ code: 2, isCleanError: true })
  expect(misfit.talk).toContain('the answer does not fit')
  const answer = await home.file('answer.json', 'false')
  const done = await home.run(['tasks', 'complete', second?.key ?? '', '--input', answer])
  expect(done).toMatchObject({ code: 0 })

  const ended = await run.ended
  expect(ended).toMatchObject({ code: 0 })
  expect(JSON.parse(ended.out)).toMatchObject({ output: [true, false] })
  const watched = await watch.ended
  expect(watched).toMatchObject({ code: 0 })
  const moments = watched.out.trim().split('\n')
  expect(JSON.parse(moments[0] ?? '')).toMatchObject({ id: 'reviews', state: 'running' })
  expect(JSON.parse(moments.at(-1) ?? '')).toMatchObject({ state: 'done', rows: 2 })
  server.child.kill('SIGINT')
  expect(await server.ended).toMatchObject({ code: 0 })
})
