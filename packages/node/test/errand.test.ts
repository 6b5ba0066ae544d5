import { WorkflowBuilder } from '@skein/workflows'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Engine } from '../src/engines/engine.ts'
import { createScriptedEngine } from '../src/engines/scripted.ts'
import type { NodeTool, ToolPolicy } from '../src/tools/tool-policy.ts'
import { HandEngine } from './hand-engine.ts'
import { echo, Stage } from './stage.ts'
import { callOnce, lab, looking, serve } from './tool-world.ts'

const caller = () => createScriptedEngine({ answer: (request) => callOnce(request) })

let stage: Stage

beforeEach(() => {
  stage = new Stage()
})
afterEach(async () => {
  await stage[Symbol.asyncDispose]()
})

/** A node that may do what the policy says, and how a task for that workflow ends there. */
async function endOf(
  workflow: ReturnType<typeof looking>,
  { policy, engine = caller() }: { readonly policy?: ToolPolicy; readonly engine?: Engine },
) {
  await stage.start(engine, policy === undefined ? {} : { tools: policy }, { http: lab })
  const client = await stage.join()
  client.define(workflow)
  client.assign(workflow, { task: '1', input: { text: 'x' }, trace: true })
  return { client, end: await client.ends('1') }
}

function hostsAt(port: number, ...names: readonly string[]): ToolPolicy {
  return { hosts: names.map((host) => ({ host, port, insecure: true })) }
}

describe('a tool that reaches the web', () => {
  it('[D12] runs on the node, and the model is told what it gave', async () => {
    await using server = await serve((request, response) => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ at: request.url }))
    })
    const workflow = looking(`http://api.test:${server.port}/{{city}}`)
    const { end } = await endOf(workflow, { policy: hostsAt(server.port, 'api.test') })
    expect(end).toMatchObject({ type: 'finish', output: 'it says {"at":"/Bern"}' })
  })

  it('[D13] takes an argument for what it is, even where it looks like a place', async () => {
    await using server = await serve((request, response) => {
      response.end(decodeURIComponent(request.url ?? ''))
    })
    const workflow = looking(`http://api.test:${server.port}/{{city}}`)
    const engine = createScriptedEngine({
      answer: (request) => callOnce(request, 'look', { city: '{{key}}' }),
    })
    const { end } = await endOf(workflow, { engine, policy: hostsAt(server.port, 'api.test') })
    expect(end).toMatchObject({ output: 'it says /{{key}}' })
  })

  it('[D13] reaches nothing where the owner allows nothing, and the node lives on', async () => {
    let asked = 0
    await using server = await serve((_, response) => {
      asked += 1
      response.end()
    })
    const { client, end } = await endOf(looking(`http://api.test:${server.port}/`), {})
    expect(end).toMatchObject({ type: 'finish' })
    expect('output' in end && end.output).toMatch(/does not allow tools to reach api.test/)
    expect(asked).toBe(0)
    client.assign(echo, { task: '2', input: { text: 'still here' } })
    expect(await client.ends('2')).toMatchObject({ type: 'finish' })
  })

  it.each([
    ['this machine', 'http://127.0.0.1:PORT/', '127.0.0.1'],
    ['this machine in another spelling', 'http://0x7f.1:PORT/', '127.0.0.1'],
    ['this machine by its name', 'http://localhost:PORT/', 'localhost'],
    ["the cloud's own service", 'http://169.254.169.254:PORT/latest/', '169.254.169.254'],
    ['a host beside the allowed one', 'http://evil.test:PORT/', 'api.test'],
    ['a host that only begins like it', 'http://api.test.evil.test:PORT/', 'api.test'],
    ['a file', 'file:///etc/passwd', 'api.test'],
  ])('[D13] does not reach %s, and the node lives on', async (_, url, host) => {
    let asked = 0
    await using server = await serve((__, response) => {
      asked += 1
      response.end('secret')
    })
    const engine = caller()
    await stage.start(engine, { tools: hostsAt(server.port, host) })
    const client = await stage.join()
    const workflow = looking(url.replace('PORT', String(server.port)))
    client.define(workflow)
    client.assign(workflow, { task: '1', input: { text: 'x' } })
    const end = await client.ends('1')
    expect(end).toMatchObject({ type: 'finish' })
    expect('output' in end && end.output).toMatch(/not on the public internet|allow|cannot speak/)
    expect(asked).toBe(0)
    client.assign(echo, { task: '2', input: { text: 'x' } })
    expect(await client.ends('2')).toMatchObject({ type: 'finish' })
  })

  it('[D13] does not follow a redirect inside, and the node lives on', async () => {
    let asked = 0
    await using server = await serve((_, response) => {
      asked += 1
      const { port } = server
      response.writeHead(302, { location: `http://inner.test:${port}/` }).end()
    })
    const policy = hostsAt(server.port, 'api.test', 'inner.test')
    const { client, end } = await endOf(looking(`http://api.test:${server.port}/`), { policy })
    expect('output' in end && end.output).toMatch(/inner.test leads to an address/)
    expect(asked).toBe(1)
    client.assign(echo, { task: '2', input: { text: 'x' } })
    expect(await client.ends('2')).toMatchObject({ type: 'finish' })
  })

  it.each([['{"a":'.repeat(100) + '1' + '}'.repeat(100)], ['[' + '1,'.repeat(260_000) + '1]']])(
    'that answers with more than a frame holds fails no other task',
    async (body) => {
      await using server = await serve((_, response) => {
        response.setHeader('content-type', 'application/json')
        response.end(body)
      })
      const workflow = looking(`http://api.test:${server.port}/`)
      const { client } = await endOf(workflow, { policy: hostsAt(server.port, 'api.test') })
      client.assign(echo, { task: '2', input: { text: 'x' } })
      expect(await client.ends('2')).toMatchObject({ type: 'finish' })
    },
  )

  it('[N9] is stopped when the client cancels', async () => {
    const arrived = Promise.withResolvers<void>()
    const gone = Promise.withResolvers<void>()
    await using server = await serve((request) => {
      request.on('close', () => {
        gone.resolve()
      })
      arrived.resolve()
    })
    const node = await stage.start(
      caller(),
      { tools: hostsAt(server.port, 'api.test') },
      { http: lab },
    )
    const client = await stage.join()
    const workflow = looking(`http://api.test:${server.port}/`)
    client.define(workflow)
    client.assign(workflow, { task: '1', input: { text: 'x' } })
    await arrived.promise
    client.session.send({ type: 'cancel', task: '1', attempt: 1 })
    expect(await client.ends('1')).toMatchObject({ type: 'fail', code: 'CANCELLED' })
    await gone.promise
    expect(node.status()).toMatchObject({ running: 0, waiting: 0 })
  })

  it('[N9] is stopped when the task’s time is over', async () => {
    await using server = await serve(() => {})
    await stage.start(caller(), { tools: hostsAt(server.port, 'api.test') }, { http: lab })
    const client = await stage.join()
    const workflow = looking(`http://api.test:${server.port}/`)
    client.define(workflow)
    client.assign(workflow, { task: '1', input: { text: 'x' }, timeLeftMs: 200 })
    expect(await client.ends('1')).toMatchObject({ type: 'fail', code: 'DEADLINE' })
  })
})

const clock: NodeTool = {
  description: 'Tells the time',
  parameters: { type: 'object', properties: {} },
  run: () => Promise.resolve({ hour: 12 }),
}

function withNodeTools(...names: readonly string[]) {
  const builder = new WorkflowBuilder('own', { text: z.string() })
  return names
    .reduce((before, name) => before.addTool(name), builder)
    .generativeStep({ id: 'answer', operator: 'function_calling', prompt: '{{text}}' })
    .setReturnValue('answer')
    .build()
}

const clockCaller = () => createScriptedEngine({ answer: (request) => callOnce(request, 'clock') })
const fails = () => Promise.reject(new Error('key 1234'))

describe("a tool of the node's own", () => {
  it.each([['clock'], ['ALL']])(
    '[D12] runs where the owner provides it, asked for as %s',
    async (name) => {
      const policy = { tools: { clock } }
      const { end } = await endOf(withNodeTools(name), { engine: clockCaller(), policy })
      expect(end).toMatchObject({ output: 'it says {"hour":12}' })
    },
  )

  it('[D13] is refused where the owner does not, saying what there is', async () => {
    const { end } = await endOf(withNodeTools('clock'), { engine: clockCaller() })
    expect(end).toMatchObject({
      output: `it says {"error":"this node provides no tool 'clock' (it provides: none)"}`,
    })
  })

  it('[D12] is told to a model that knows of tools, and in words to one that does not', async () => {
    const able = new HandEngine({ name: 'm', capabilities: ['chat', 'tools'] }, { name: 'plain' })
    await stage.start(able, { tools: { tools: { clock, other: clock } } })
    const client = await stage.join()
    const workflow = withNodeTools('clock')
    client.define(workflow)
    client.assign(workflow, { task: '1', input: { text: 'x' }, models: ['m'] })
    client.assign(workflow, { task: '2', input: { text: 'x' }, models: ['plain'] })
    await expect.poll(() => able.requests.length).toBe(2)
    const { description, parameters } = clock
    expect(able.at(0).request.tools).toEqual([{ name: 'clock', description, parameters }])
    expect(able.at(0).request.messages).toHaveLength(1)
    expect(able.at(1).request.tools).toBeUndefined()
    expect(able.at(1).request.messages[0]?.content).toContain('"name":"clock"')
  })

  it('[D12] is hidden by one of the workflow that has the same name', async () => {
    const engine = new HandEngine({ name: 'm', capabilities: ['chat', 'tools'] })
    await stage.start(engine, { tools: { tools: { look: clock, clock } } })
    const client = await stage.join()
    const workflow = new WorkflowBuilder('own', { text: z.string() })
      .addTool('ALL')
      .addTool({ name: 'look', description: 'Mine', http: { method: 'GET', url: 'https://a.b/' } })
      .generativeStep({ id: 'answer', operator: 'function_calling', prompt: '{{text}}' })
      .setReturnValue('answer')
      .build()
    client.define(workflow)
    client.assign(workflow, { task: '1', input: { text: 'x' } })
    await expect.poll(() => engine.requests.length).toBe(1)
    const tools = engine.at(0).request.tools?.map(({ name, description }) => [name, description])
    expect(tools).toEqual([
      ['look', 'Mine'],
      ['clock', 'Tells the time'],
    ])
  })

  it('[N9] that never ends is given up when the patience of the node is over', async () => {
    const signals: AbortSignal[] = []
    const run = (_: unknown, signal: AbortSignal) => {
      signals.push(signal)
      return new Promise<never>(() => {})
    }
    const tools = { tools: { clock: { ...clock, run } } }
    const patience = { firstTokenMs: 100, betweenTokensMs: 100 }
    await stage.start(clockCaller(), { tools, patience })
    const client = await stage.join()
    const workflow = withNodeTools('clock')
    client.define(workflow)
    client.assign(workflow, { task: '1', input: { text: 'x' } })
    const end = await client.ends('1')
    expect('output' in end && end.output).toContain('nothing came for')
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  })

  it('[N16] that fails says nothing of why', async () => {
    const policy = { tools: { clock: { ...clock, run: fails } } }
    const { end } = await endOf(withNodeTools('clock'), { engine: clockCaller(), policy })
    expect(JSON.stringify(end)).toContain('of this node failed')
    expect(JSON.stringify(end)).not.toContain('1234')
  })
})

describe('a search', () => {
  const searching = new WorkflowBuilder('searching', { text: z.string() })
    .searchStep({ id: 'found', query: 'about {{text}}' })
    .setReturnValue('found')
    .build()

  it('[D13] is refused in plain words where the owner set up none; another node may have it', async () => {
    await stage.start(caller())
    const client = await stage.join()
    client.define(searching)
    client.assign(searching, { task: '1', input: { text: 'geese' } })
    const end = await client.ends('1')
    expect(end).toMatchObject({
      type: 'fail',
      code: 'NOT_ALLOWED',
      retryable: true,
      fault: 'task',
    })
    expect('message' in end && end.message).toContain('does not search the web')
  })

  it('[D1] is answered by what the owner set up', async () => {
    const asked: unknown[] = []
    const search = (query: object) => {
      asked.push(query)
      return Promise.resolve([{ title: 'Geese' }])
    }
    await stage.start(caller(), { tools: { search } })
    const client = await stage.join()
    client.define(searching)
    client.assign(searching, { task: '1', input: { text: 'geese' } })
    expect(await client.ends('1')).toMatchObject({ output: [{ title: 'Geese' }] })
    expect(asked).toEqual([{ query: 'about geese', type: 'search', language: 'en', count: 5 }])
  })

  it('fails as the node’s fault where that does not work', async () => {
    await stage.start(caller(), { tools: { search: fails } })
    const client = await stage.join()
    client.define(searching)
    client.assign(searching, { task: '1', input: { text: 'geese' } })
    expect(await client.ends('1')).toMatchObject({ code: 'TOOL_FAILED', fault: 'node' })
  })
})
