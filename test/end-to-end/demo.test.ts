import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findEngines } from '@skein/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startOllama } from './ollama-stand-in.ts'
import { Home, processesWith, until, type Ended } from './skein.ts'

let home: Home
/** Where the demonstrations put their settings: how their processes are found. */
let temporary: string

beforeAll(async () => {
  home = await Home.create()
  temporary = await mkdtemp(join(tmpdir(), 'skein-e2e-demo-'))
})
afterAll(async () => {
  await home[Symbol.asyncDispose]()
  await rm(temporary, { recursive: true, force: true })
})

function demo(...args: readonly string[]): ReturnType<Home['start']> {
  return home.start(['demo', ...args], { env: { TMPDIR: temporary } })
}

/** The answers, each as its lines without the title and the origin. */
function answersOf({ out }: Ended): string[] {
  return out
    .split(/^\d+\. .*$/m)
    .slice(1)
    .map((block) => block.replace(/^ *— .*$/m, '').trim())
}

describe('skein demo', () => {
  it('has the embedded engine that it needs on a machine without Ollama', async () => {
    const { engines, findings } = await findEngines({ environment: { OLLAMA_HOST: '127.0.0.1:1' } })
    expect(engines, `npm start installs it: ${JSON.stringify(findings)}`).not.toEqual([])
  })

  it('[D20] prints five distinct answers with their nodes, twice at the same time, and leaves nothing', async () => {
    const instruction = 'Write a haiku about the sea'
    const demos = [demo().ended, demo('--instruction', instruction).ended]
    for (const ended of await Promise.all(demos)) {
      expect(ended).toMatchObject({ code: 0 })
      const answers = answersOf(ended)
      expect(new Set(answers).size).toBe(5)
      for (const answer of answers) expect(answer.split('\n')).toHaveLength(3)
      const origins = ended.out.match(/^ *— (?:greylag|barnacle|brent), [\d,.]+ tokens\/s$/gm)
      expect(origins).toHaveLength(5)
      expect(ended.talk).toContain(
        'the demonstration model: it shows the network, not intelligence',
      )
      expect(ended.talk).toContain('Try next')
    }
    expect(await processesWith(temporary)).toEqual([])
    expect(await readdir(temporary)).toEqual([])
  })

  it('uses the model of an Ollama that runs, and says so', async () => {
    await using ollama = await startOllama((prompt) =>
      prompt.startsWith('Rewrite 5')
        ? 'Of course! ["one", "two", "three", "four", "five"]'
        : `A poem about ${prompt}`,
    )
    const env = { TMPDIR: temporary, OLLAMA_HOST: ollama.host }
    const ended = await home.start(['demo'], { env }).ended
    expect(ended).toMatchObject({ code: 0 })
    expect(ended.talk).toContain(`Model  ${ollama.model}, of the model server on this machine`)
    expect(ended.talk).not.toContain('demonstration model')
    expect(answersOf(ended)).toEqual(
      ['one', 'two', 'three', 'four', 'five'].map((word) => `A poem about ${word}`),
    )
  })

  it('killed in the middle takes its nodes along', async () => {
    const { child, ended } = demo()
    await until('its nodes are there', async () => (await processesWith(temporary)).length === 3)
    child.kill('SIGKILL')
    expect(await ended).toMatchObject({ code: 'SIGKILL' })
    await until('its nodes are gone', async () => (await processesWith(temporary)).length === 0)
    await rm(temporary, { recursive: true })
    temporary = await mkdtemp(join(tmpdir(), 'skein-e2e-demo-'))
  })

  it('[N9] stopped by Ctrl-C ends its nodes, says so and exits with 130', async () => {
    const { child, ended } = demo()
    await until('its nodes are there', async () => (await processesWith(temporary)).length === 3)
    child.kill('SIGINT')
    const { code, talk } = await ended
    expect(code).toBe(130)
    expect(talk).toContain('Stopping')
    expect(await processesWith(temporary)).toEqual([])
    expect(await readdir(temporary)).toEqual([])
  })
})
