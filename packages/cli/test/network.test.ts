import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from '@skein/client'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { CliError } from '../src/errors.ts'
import { connectLocally } from '../src/network.ts'

vi.mock(import('../src/engines.ts'), async (original) => ({
  ...(await original()),
  chooseEngines: () =>
    Promise.reject(new CliError('UNREACHABLE', 'this machine has no model to lend')),
}))

let home: string

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'skein-alone-'))
})
afterEach(() => rm(home, { recursive: true }))

it('a machine without any model runs what needs none', async () => {
  await using connection = await connectLocally({ home }, false)
  const next = pipeline('next', { n: z.number() }).map(({ n }) => n + 1)
  expect(await connection.client.run(next, { n: 1 })).toMatchObject({ output: 2 })
})

it('a machine without any model says so where one is needed', async () => {
  await expect(connectLocally({ home }, true)).rejects.toThrow('has no model to lend')
})
