import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chooseEngines, type EngineOptions } from '../src/engines.ts'
import { CliError } from '../src/errors.ts'
import { explain, type Explanation } from '../src/explain.ts'

/** Nobody listens on port 1: a machine without Ollama. */
const environment = { OLLAMA_HOST: '127.0.0.1:1' }
let folder: string
let server: Server
let url: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skein-engines-'))
  server = createServer((request, response) => {
    const authorized = request.headers.authorization === 'Bearer sesame'
    response.writeHead(authorized ? 200 : 401, { 'content-type': 'application/json' })
    response.end(JSON.stringify(authorized ? { data: [{ id: 'm' }] } : { error: 'no key' }))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : address}/v1`
})
afterAll(async () => {
  server.close()
  await rm(folder, { recursive: true })
})

async function refusal(options: EngineOptions): Promise<Explanation> {
  try {
    await chooseEngines(options, environment)
  } catch (error) {
    return explain(error)
  }
  throw new CliError('FAILED', 'it was accepted')
}

async function script(content: string): Promise<string> {
  const file = join(folder, 'script.json')
  await writeFile(file, content)
  return file
}

describe('the engine', () => {
  it('is the one that an option implies', async () => {
    const file = await script('{"echo":true,"slots":2}')
    const { engines } = await chooseEngines({ script: file, slots: 3 }, environment)
    expect(engines.map(({ kind }) => kind)).toEqual(['scripted'])
    expect((await engines[0]?.models(new AbortController().signal))?.[0]?.slots).toBe(3)
  })

  it('[N16] takes the key of a server from the environment, never from the command line', async () => {
    const { engines } = await chooseEngines(
      { openaiUrl: url },
      { ...environment, SKEIN_OPENAI_API_KEY: 'sesame' },
    )
    expect(engines[0]?.kind).toBe('openai')
    const { message, exitCode } = await refusal({ openaiUrl: url })
    expect(message).toContain('does not answer')
    expect(exitCode).toBe(3)
  })

  it('is the demonstration model where no server runs, and it is said why', async () => {
    const { engines, notes } = await chooseEngines({}, environment)
    expect(engines.map(({ id }) => id)).toEqual(['llama@skein-demo'])
    expect(notes.join()).toContain('127.0.0.1:1')
  })

  it.each([
    ['two options of different engines', { script: 'a', model: 'b' }, 'name different engines', 2],
    ['an option of another engine', { engine: 'ollama', model: 'b' }, '--model belongs to', 2],
    ['a scripted engine without a script', { engine: 'scripted' }, '--script FILE.json', 2],
    ['an address that is none', { openaiUrl: 'localhost:8080' }, 'is no address', 2],
    ['a script that is not there', { script: '/nowhere.json' }, 'there is no such file', 2],
    ['an Ollama that does not run', { engine: 'ollama' }, 'does not answer', 3],
    ['a model file that is not there', { model: '/nowhere.gguf' }, 'there is no such file', 2],
    ['a folder of models', { model: '/' }, 'cannot use the model /: it is a folder', 2],
  ] as const)('refuses %s', async (...[, options, text, code]) => {
    const { message, exitCode, bug } = await refusal(options)
    expect(message).toContain(text)
    expect(exitCode).toBe(code)
    expect(bug).toBe(false)
  })

  it('refuses a script that says what no script says', async () => {
    const { message, exitCode } = await refusal({ script: await script('{"slosts":2}') })
    expect(message).toMatch(/script\.json: .*slosts/s)
    expect(exitCode).toBe(2)
  })

  it('refuses a model file that is none, without its bytes', async () => {
    const { message, exitCode } = await refusal({ model: await script('\u0007\u001b[31mhonk') })
    expect(message).toMatch(/script\.json: it is no GGUF file$/)
    expect(exitCode).toBe(2)
  })
})
