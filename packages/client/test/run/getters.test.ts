import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step } from '../../src/index.ts'
import { createSqliteStore } from '../../src/store/sqlite-store.ts'
import { clientOn } from '../durable-client.ts'
import { temporaryFolder } from '../store/temporary-store.ts'

/** Says something else each time. */
function moody() {
  let asked = 0
  return {
    get n() {
      return ++asked
    },
  }
}

const rows = pipeline('rows', { n: z.number() })
const make = step({ name: 'make', input: z.unknown(), output: z.unknown(), run: moody })
const SAID = { n: 1 }
const FIVE = { n: 5 }

describe('a getter of what goes through a run', () => {
  it.each([
    ['an input of a list', { plan: rows, inputs: [moody()], recorded: [SAID] }],
    ['an input of a stream', { plan: rows, inputs: new Set([moody()]), recorded: SAID }],
    ['a row', { plan: rows.map(moody), inputs: [FIVE], recorded: [FIVE] }],
    ['an answer', { plan: rows.step(make), inputs: [FIVE], recorded: [FIVE] }],
  ])('[X2] has one value, the one that is recorded: %s', async (_, { plan, inputs, recorded }) => {
    await using folder = await temporaryFolder()
    const store = createSqliteStore(folder.file('runs.db'))
    await using client = clientOn(store)
    const seen: unknown[] = []
    const whole = pipeline('whole', { n: z.number() })
      .step(plan)
      .tap((row) => seen.push(structuredClone(row)))
    const { id } = await client.run(whole, inputs)
    const read = Array.from(store.read(id)?.notes('input') ?? [], ({ value }) => value)
    expect(read).toContainEqual(recorded)
    expect(seen).toEqual([SAID])
    expect(client.runs.rows(id)).toEqual([SAID])
  })

  it('[X2] has one value, the one that is recorded: the only input, and the context', async () => {
    await using folder = await temporaryFolder()
    const store = createSqliteStore(folder.file('runs.db'))
    await using client = clientOn(store)
    const tell = step({
      name: 'tell',
      input: z.object({ n: z.number() }),
      output: z.unknown(),
      context: z.object({ n: z.number() }),
      run: (input, { context }) => [input, context],
    })
    const { output, id } = await client.run(tell, moody(), { context: moody() })
    expect(output).toEqual([SAID, SAID])
    expect(Array.from(store.read(id)?.notes('input') ?? [])).toMatchObject([{ value: SAID }])
    expect((await client.runs.show(id)).context).toEqual(SAID)
  })
})
