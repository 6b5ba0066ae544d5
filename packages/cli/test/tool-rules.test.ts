import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readToolRules } from '../src/tool-rules.ts'

describe('the rules for tools', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skein-rules-'))
  })
  afterEach(async () => {
    await rm(folder, { recursive: true })
  })

  async function file(json: unknown): Promise<string> {
    const path = join(folder, 'tools.json')
    await writeFile(path, JSON.stringify(json))
    return path
  }

  it('[D13] allow nothing unless something is said', async () => {
    expect(await readToolRules({})).toEqual({ hosts: [] })
  })

  it('[D13] are those of the file and the hosts of the options together', async () => {
    const tools = await file({ hosts: [{ host: 'a.example', methods: ['POST'] }], timeoutMs: 10 })
    expect(await readToolRules({ tools, allowHost: ['b.example', '*.c.example'] })).toEqual({
      hosts: [
        { host: 'a.example', methods: ['POST'] },
        { host: 'b.example' },
        { host: '*.c.example' },
      ],
      timeoutMs: 10,
    })
  })

  it('[D13] name the option or the file that is wrong, and what is wrong in it', async () => {
    await expect(readToolRules({ allowHost: ['https://a.example/'] })).rejects.toThrow(
      /--allow-host.*without https:\/\//s,
    )
    const tools = await file({ host: 'a.example' })
    await expect(readToolRules({ tools })).rejects.toThrow(/tools\.json.*"host"/s)
    await expect(readToolRules({ tools: join(folder, 'none.json') })).rejects.toMatchObject({
      code: 'USAGE',
    })
  })
})
