import { describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../src/index.ts'
import { TaskDesk, type ExternalTask } from '../../src/tasks/task-desk.ts'
import { tasksHandler } from '../../src/tasks/tasks-handler.ts'

const TASK: ExternalTask = {
  key: 'run-1/0/review',
  run: 'run-1',
  project: 'default',
  step: 'review',
  input: { draft: 'A text' },
  answer: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] },
  openedAt: Date.parse('2026-01-01T00:00:00Z'),
}

const URL_OF_TASK = `http://127.0.0.1/tasks/${encodeURIComponent(TASK.key)}`

/** A desk with one open task, and its handler. */
function scene() {
  const desk = new TaskDesk(createMemoryStore())
  desk.open(TASK)
  const handle = tasksHandler(desk, { token: 'secret' })
  const send = async (method: string, body?: string, url = URL_OF_TASK) => {
    const headers = { authorization: 'Bearer secret' }
    const response = await handle(
      new Request(url, { method, headers, ...(body === undefined ? {} : { body }) }),
    )
    const answer: unknown = await response.json()
    return { status: response.status, body: answer }
  }
  return { desk, handle, send }
}

describe('open tasks over HTTP', () => {
  it('[Q9] are listed and shown with what an answer must be', async () => {
    const { send } = scene()
    const list = await send('GET', undefined, 'http://127.0.0.1/tasks')
    const one = await send('GET')
    expect(list).toEqual({ status: 200, body: [one.body] })
    expect(one.body).toEqual({ ...TASK, openedAt: '2026-01-01T00:00:00.000Z' })
  })

  it.each([{ token: process.env['NOT_SET'] }, { token: ' ' }, {}])(
    '[Q9] are served to nobody where there is no token: %o',
    (options) => {
      const desk = new TaskDesk(createMemoryStore())
      // @ts-expect-error what JavaScript lets through
      expect(() => tasksHandler(desk, options)).toThrow('needs a token')
    },
  )

  it('[Q9] are listed whatever they are about, what JSON has no word for in words', async () => {
    const { desk, send } = scene()
    const input = {
      n: 2n ** 64n,
      map: new Map([['a', 1n]]),
      set: new Set([1]),
      ratio: Number.NaN,
      bytes: new Uint8Array([1, 2]),
      at: new Date(0),
    }
    desk.open({ ...TASK, key: 'odd', input })
    const said = {
      n: '18446744073709551616',
      map: [['a', '1']],
      set: [1],
      ratio: 'NaN',
      bytes: 'AQI=',
      at: '1970-01-01T00:00:00.000Z',
    }
    const list = await send('GET', undefined, 'http://127.0.0.1/tasks')
    expect(list).toMatchObject({ status: 200, body: [{ key: TASK.key }, { input: said }] })
    const one = await send('GET', undefined, 'http://127.0.0.1/tasks/odd')
    expect(one).toMatchObject({ status: 200, body: { input: said } })
  })

  it('[Q9] are completed by POST, once: a second answer is 409 and changes nothing', async () => {
    const { desk, send } = scene()
    expect(await send('POST', '{"ok":true}')).toMatchObject({ status: 200 })
    expect(await send('POST', '{"ok":false}')).toMatchObject({ status: 409 })
    expect(desk.answerTo(TASK.key)).toEqual({ value: { ok: true } })
    expect(desk.list()).toEqual([])
    expect(await send('GET')).toMatchObject({ status: 404 })
  })

  it.each([
    ['of the wrong type', '{"ok":"yes"}', 'ok: '],
    ['that lacks something', '{}', 'ok: '],
    ['that is no JSON', '{ok}', 'not valid JSON'],
    ['that is empty', '', 'not valid JSON'],
  ])('[Q9] answer 400 to an answer %s, and stay open', async (_, body, problem) => {
    const { desk, send } = scene()
    const response = await send('POST', body)
    expect(response.status).toBe(400)
    expect(response.body).toMatchObject({ error: expect.stringContaining(problem) as unknown })
    expect(desk.list()).toEqual([TASK])
  })

  it.each(['GET', 'DELETE', 'PUT', 'PATCH'])('[Q9] are not changed by %s', async (method) => {
    const { desk, send } = scene()
    await send(method)
    expect(desk.list()).toEqual([TASK])
  })

  it('are nobody else’s business: without the token there is nothing but 401', async () => {
    const { desk, handle } = scene()
    for (const authorization of ['', 'secret', 'Bearer wrong', 'Bearer secrets']) {
      for (const url of [URL_OF_TASK, 'http://127.0.0.1/tasks', 'http://127.0.0.1/other']) {
        const post = { method: 'POST', body: '{"ok":true}', headers: { authorization } }
        const response = await handle(new Request(url, post))
        expect([response.status, await response.text()]).toEqual([
          401,
          '{"error":"the token is missing or wrong"}',
        ])
      }
    }
    expect(desk.list()).toEqual([TASK])
  })

  it('refuse an answer that is too large before it is read', async () => {
    const { desk, handle } = scene()
    let sent = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 65_536
        controller.enqueue(new Uint8Array(65_536))
      },
    })
    const headers = { authorization: 'Bearer secret' }
    const request = new Request(URL_OF_TASK, {
      method: 'POST',
      headers,
      body: endless,
      duplex: 'half',
    })
    expect((await handle(request)).status).toBe(413)
    expect(sent).toBeLessThan(5 * 1024 * 1024)
    expect(desk.list()).toEqual([TASK])
  })

  it('know no other addresses and no other tasks', async () => {
    const { send } = scene()
    expect(await send('GET', undefined, 'http://127.0.0.1/')).toMatchObject({ status: 404 })
    expect(await send('POST', '1', 'http://127.0.0.1/tasks/other')).toMatchObject({ status: 404 })
    expect(await send('POST', '1', 'http://127.0.0.1/tasks/%')).toMatchObject({ status: 404 })
  })

  it('stay as they are when the same task is opened again', () => {
    const { desk } = scene()
    desk.complete(TASK.key, { ok: true })
    desk.open(TASK)
    expect([desk.list(), desk.answerTo(TASK.key)]).toEqual([[], { value: { ok: true } }])
    desk.forget(TASK.key)
    expect(desk.complete(TASK.key, { ok: true })).toEqual({ state: 'unknown' })
  })
})
