import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createMemoryStore, step, type StepContext, type Store } from '../../src/index.ts'
import { keptOpen } from '../crash/mortal-store.ts'
import { clientOn } from '../durable-client.ts'
import { fakeJournal } from '../fake-journal.ts'
import { failureOf } from '../waiting.ts'

/** A store that takes its time for what a step was given at once. */
function slowStore(write: (key: string) => Promise<void>): Store {
  const journal = fakeJournal(async ({ key }) => {
    if (key.includes('>') && !key.includes('send')) await write(key)
  })
  return { ...keptOpen(createMemoryStore()), open: () => Promise.resolve(journal) }
}

/** A step that sends what it was given to another, which notes that. */
function sending(log: string[], given: (context: StepContext) => unknown) {
  const send = step({
    name: 'send',
    input: z.unknown(),
    output: z.unknown(),
    run: () => log.push('sent'),
  })
  return step({
    name: 'body',
    input: z.number(),
    output: z.unknown(),
    run: (_, context) => context.call(send, given(context)),
  })
}

describe('what a durable step is given at once', () => {
  it('[Q8] [X2] is on disk before anybody is asked: after a crash they would be asked something else', async () => {
    const log: string[] = []
    const store = slowStore(async (key) => {
      await turn()
      await turn()
      log.push(key)
    })
    await using client = clientOn(store)
    await client.run(
      sending(log, ({ now, uuid }) => [now(), uuid()]),
      1,
    )
    expect(log).toEqual(['0/body>now#0', '0/body>uuid#0', 'sent'])
  })

  it('[Q8] [X2] keeps anybody from being asked if it cannot be recorded', async () => {
    const log: string[] = []
    const store = slowStore(() => Promise.reject(new RangeError('the disk is full')))
    await using client = clientOn(store)
    const error = await failureOf(
      client.run(
        sending(log, ({ now }) => now()),
        1,
      ),
    )
    expect(error.message).toContain('the disk is full')
    expect(log).toEqual([])
  })
})
