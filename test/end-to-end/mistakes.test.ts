import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { echoProgram, workflowFile } from './programs.ts'
import { clientAt, Home, type Ended, type StartedNode } from './skein.ts'

/** Every mistake of a user: a clear message, never a stack trace, and the node lives on. */

const FIVE_MEGABYTES = 5 * 1024 * 1024

let home: Home
let node: StartedNode

beforeAll(async () => {
  home = await Home.create()
  const [only] = await home.scriptedNodes(1, { echo: true, slots: 2 })
  if (!only) throw new RangeError('no node was started')
  node = only
})
afterAll(() => home[Symbol.asyncDispose]())

/** What every refusal has in common: its exit code, nothing on stdout, and an error without a stack trace. */
function refusal(code: number): Partial<Ended> {
  return { code, out: '', isCleanError: true }
}

async function startNode(...args: readonly string[]): Promise<Ended> {
  const script = await home.file('start.json', { echo: true })
  return home.run(['node', 'start', '--script', script, ...args])
}

describe('a run with a mistake', () => {
  it('is told which variable of a workflow is misspelt', async () => {
    const file = await workflowFile(home, 'A story about {{topci}}')
    const ended = await home.run(['run', file, '--input', 'topic=geese'])
    expect(ended).toMatchObject(refusal(2))
    expect(ended.talk).toMatch(/workflow\.json: steps\[0\].prompt: 'topci' /)
  })

  it('is told which input is misspelt', async () => {
    const ended = await home.run(['run', await echoProgram(home), '--input', 'txet=hi'])
    expect(ended).toMatchObject(refusal(2))
    expect(ended.talk).toMatch(/there is no input "txet"\. Did you mean text\?/)
  })

  it('[D29] is told at once which models there are instead of an unknown one', async () => {
    const file = await echoProgram(home, { models: ['llama9:70b'] })
    const ended = await home.run(['run', file, '--input', 'text=hi'])
    expect(ended).toMatchObject(refusal(3))
    expect(ended.talk).toMatch(/no node offers 'llama9:70b'; there is 'scripted' on 1 node/)
  })

  it('is told that its file waits for ever, and not by Node', async () => {
    const file = await home.file('pending.ts', 'await new Promise(() => {})')
    const ended = await home.run(['run', file, '--json'])
    expect(ended).toMatchObject(refusal(2))
    expect(ended.talk).toMatch(/pending\.ts never comes to its end/)
    expect(ended.talk).not.toContain('Warning')
  })

  it('prints JSON with the error where no node is there', async () => {
    await using empty = await Home.create()
    const ended = await empty.run(['run', await echoProgram(empty), '--input', 'text=a', '--json'])
    expect(ended).toMatchObject({ code: 3, isCleanError: true })
    expect(JSON.parse(ended.out)).toMatchObject({ output: null, error: { code: 'NO_NODES' } })
  })

  it('is told which of many rows has a prompt that is too large', async () => {
    const lines = Array.from({ length: 20 }, (_, index) =>
      JSON.stringify({ text: 'honk'.repeat(index === 7 ? FIVE_MEGABYTES / 4 : 1) }),
    )
    const rows = await home.file('large.jsonl', lines.join('\n'))
    const ended = await home.run(['run', await echoProgram(home), '--inputs', rows])
    expect(ended).toMatchObject({ code: 1, isCleanError: true })
    expect(ended.talk).toMatch(/of input number 8: .*5\.2 MB is too large: at most 4\.2 MB/)
    expect(ended.out.split('\n')).toHaveLength(20)
  })

  it('[N16] is told that its prompt is too large, without seeing it again', async () => {
    const text = 'honk'.repeat(FIVE_MEGABYTES / 4)
    const rows = await home.file('large.jsonl', JSON.stringify({ text }))
    const ended = await home.run(['run', await echoProgram(home), '--inputs', rows])
    expect(ended).toMatchObject(refusal(2))
    expect(ended.talk).toMatch(/error: .*(?:larger|too large|4 MiB|bytes)/)
    expect(ended.talk.length).toBeLessThan(2_000)
  })

  it('is told file and line of a malformed row, before anything is sent', async () => {
    const rows = Array.from({ length: 30 }, (_, index) => JSON.stringify({ text: `${index}` }))
    rows[16] = '{"text": "the 17th'
    const file = await home.file('seventeen.jsonl', rows.join('\n'))
    const ended = await home.run(['run', await echoProgram(home), '--inputs', file])
    expect(ended).toMatchObject(refusal(2))
    expect(ended.talk).toMatch(/seventeen\.jsonl line 17: not valid JSON/)
    expect(ended.talk).toContain('Nothing was sent')
  })

  it('from standard input is told the line, too', async () => {
    const args = ['run', await echoProgram(home), '--inputs', '-']
    const ended = await home.run(args, { stdin: '{"text":"a"}\n{"text":3}\n' })
    expect(ended).toMatchObject(refusal(2))
    expect(ended.talk).toMatch(/standard input line 2: input "text": expected string/)
  })

  it('from outside, with another network key, is told so, and does not get in', async () => {
    await using outsider = await Home.create()
    const program = await echoProgram(outsider)
    const args = ['run', program, '--input', 'text=hi', '--node', node.address]
    const ended = await outsider.run(args)
    expect(ended).toMatchObject(refusal(3))
    expect(ended.talk).toMatch(/belongs to another network/)
  })

  it('without any node is told at once how to start one', async () => {
    await using lonely = await Home.create()
    const ended = await lonely.run(['run', await echoProgram(lonely), '--input', 'text=hi'])
    expect(ended).toMatchObject(refusal(3))
    expect(ended.talk).toMatch(/no node of your network can be reached\n.*skein node start/s)
    expect(ended.ms).toBeLessThan(15_000)
  })

  it('of the programmer names the place in the file', async () => {
    const file = await home.file('broken.ts', '\n\nexport const x: string = undefinedThing\n')
    const ended = await home.run(['run', file])
    expect(ended).toMatchObject(refusal(2))
    expect(ended.talk).toMatch(/undefinedThing is not defined \(broken\.ts:3:\d+\)/)
  })

  it('leaves the node alive', async () => {
    expect(node.child.exitCode).toBeNull()
    const ended = await home.run(['run', await echoProgram(home), '--input', 'text=still here'])
    expect(ended).toMatchObject({ code: 0, out: 'still here\n' })
  })
})

describe('a node with a mistake', () => {
  it('is told that its port is in use', async () => {
    const server = createServer()
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const ended = await startNode('--listen', `127.0.0.1:${port}`)
    server.close()
    expect(ended).toMatchObject(refusal(1))
    expect(ended.talk).toContain(`port ${port} is in use`)
  })

  it('is told that an address is none', async () => {
    const ended = await startNode('--listen', 'everywhere')
    expect(ended).toMatchObject(refusal(2))
    expect(ended.talk).toContain('"everywhere" is no address')
  })

  it.each([
    ['damaged', 'damaged', (file: string) => writeFile(file, 'not a key', { mode: 0o600 })],
    ['a folder', 'that is no file', (file: string) => mkdir(file, { mode: 0o700 })],
    ['open to others', 'chmod 600', (file: string) => writeFile(file, 'x', { mode: 0o644 })],
  ])('is told that its network key is %s', async (...[, text, spoil]) => {
    await using spoilt = await Home.create()
    await spoil(join(spoilt.folder, 'network.key'))
    const script = await spoilt.file('start.json', { echo: true })
    const ended = await spoilt.run(['node', 'start', '--script', script])
    expect(ended).toMatchObject(refusal(1))
    expect(ended.talk).toContain(text)
    expect(ended.talk).toContain('network.key')
  })

  it('is told that its identity is damaged', async () => {
    await using spoilt = await Home.create()
    await mkdir(join(spoilt.folder, 'identities'), { mode: 0o700 })
    await writeFile(join(spoilt.folder, 'identities/node.key'), 'AAAA', { mode: 0o600 })
    const script = await spoilt.file('start.json', { echo: true })
    const ended = await spoilt.run(['node', 'start', '--script', script])
    expect(ended).toMatchObject(refusal(1))
    expect(ended.talk).toMatch(/node\.key is damaged: restore the file, or delete it/)
  })

  it('is told that an engine is unknown', async () => {
    const ended = await startNode('--engine', 'gpt')
    expect(ended).toMatchObject(refusal(2))
    expect(ended.talk).toContain('Allowed choices are ollama, openai')
  })

  it('is told that its model server does not run', async () => {
    const ended = await home.run(['node', 'start', '--engine', 'ollama'])
    expect(ended).toMatchObject(refusal(3))
    expect(ended.talk).toMatch(/ollama@127\.0\.0\.1:1 does not answer/)
  })
})

describe('a node that is told to stop', () => {
  it.concurrent.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s finishes what it has begun',
    async (signal) => {
      await using own = await Home.create()
      const slow = await own.talkingNode('slow', { echo: true, ms: 2_500 })
      const running = own.start(['run', await echoProgram(own), '--input', 'text=the last one'])
      await clientAt(slow, 500)
      slow.child.kill(signal)
      expect(await running.ended).toMatchObject({ code: 0, out: 'the last one\n' })
      expect(await slow.ended).toMatchObject({ code: 0 })
    },
  )
})

describe('skein doctor', () => {
  it('finds this machine well, and a spoilt settings folder ill, each with exit code and mend', async () => {
    await using own = await Home.create()
    const well = await own.run(['doctor'])
    expect(well).toMatchObject({ code: 0, talk: '' })
    expect(well.out).toMatch(/^ok +sockets/m)
    expect(well.out).toMatch(/^note +ollama .*start it/m)
    await writeFile(join(own.folder, 'network.key'), 'not a key', { mode: 0o600 })
    const ill = await own.run(['doctor', '--json'])
    expect(ill.code).toBe(1)
    expect(JSON.parse(ill.out)).toMatchObject({ ok: false })
    expect(ill.out).toContain('delete it to make a new one')
  })
})
