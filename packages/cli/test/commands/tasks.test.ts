import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openRecords } from '../../src/recorded.ts'
import { run } from '../../src/main.ts'
import { recordTerminal } from '../recorded-terminal.ts'

it('[Q9] lists tasks whatever they are about, what JSON has no word for in words', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'skein-tasks-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const of = { run: 'r', project: 'default', step: 'review', answer: {}, openedAt: 0 }
  const inputs = [{ n: 2n ** 64n }, new Map([['a', 1]]), 'a text', undefined]
  {
    await using records = await openRecords(folder)
    for (const [i, input] of inputs.entries()) records.tasks.open({ ...of, key: `r/${i}`, input })
  }
  const list = async (...options: string[]) => {
    const terminal = recordTerminal()
    expect(await run(['tasks', 'list', '--home', folder, ...options], terminal)).toBe(0)
    return terminal.dataLines.join('\n')
  }
  expect(JSON.parse(await list('--json'))).toMatchObject([
    { input: { n: '18446744073709551616' } },
    { input: [['a', 1]] },
    { input: 'a text' },
    { key: 'r/3' },
  ])
  const drawn = await list()
  for (const text of ['{"n":"18446744073709551616"}', '[["a",1]]', 'a text', 'null']) {
    expect(drawn).toContain(text)
  }
})
