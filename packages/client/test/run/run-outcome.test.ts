import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step } from '../../src/index.ts'
import { numbers, withClient } from '../local-plans.ts'
import { failureOf } from '../waiting.ts'

describe('the summary of a run', () => {
  it.each([
    [0, /^flaky-rows \(r\): done in [\d.]+ m?s$/],
    [1, /^flaky-rows \(r\): done in [\d.]+ m?s, after 1 retry$/],
    [2, /^flaky-rows \(r\): done in [\d.]+ m?s, after 2 retries$/],
  ])('[F11] says that steps were tried again (%i times)', async (failures, headline) => {
    let left = failures
    const flaky = step({
      name: 'flaky',
      input: z.object({ n: z.number() }),
      output: z.number(),
      run: ({ n }) => {
        if (left-- > 0) throw new RangeError('not yet')
        return n
      },
    })
    const plan = pipeline('flaky-rows', { n: z.number() }).step(flaky, { retries: 2 })
    await withClient(async (client) => {
      const result = await client.run(plan, { n: 1 }, { id: 'r' })
      expect(result.summary().split('\n')[0]).toMatch(headline)
    })
  })
})

describe('the JSON of a result', () => {
  it('[F11] says what JSON has no word for', async () => {
    const value = {
      cents: 10n,
      map: new Map([['a', 1n]]),
      set: new Set([NaN]),
      bytes: new Uint8Array([1]),
      when: new Date(0),
      list: [Infinity, 'text', null],
    }
    const odd = step({ name: 'odd', input: z.number(), output: z.unknown(), run: () => value })
    await withClient(async (client) => {
      const json = JSON.stringify(await client.run(odd, 1))
      expect(JSON.stringify(JSON.parse(json))).toBe(json)
      const told = {
        cents: { $: ['bigint', '10'] },
        map: { $: ['map', [['a', { $: ['bigint', '1'] }]]] },
        set: { $: ['set', [{ $: ['number', 'NaN'] }]] },
        bytes: { $: ['bytes', 'AQ=='] },
        when: '1970-01-01T00:00:00.000Z',
        list: [{ $: ['number', 'Infinity'] }, 'text', null],
      }
      expect(JSON.parse(json)).toMatchObject({ output: told, tasks: [{ output: told }] })
    })
  })

  it('[F11] ends where the input of a failure contains itself', async () => {
    const list: unknown[] = [1]
    list.push(list)
    const fails = step({
      name: 'fails',
      input: z.unknown(),
      output: z.never(),
      run: () => {
        throw new RangeError('no')
      },
    })
    const plan = numbers.map(() => list).step(fails)
    const { result } = await withClient(async (client) => failureOf(client.run(plan, { n: 1 })))
    const json: unknown = JSON.parse(JSON.stringify(result))
    expect(json).toMatchObject({ failures: [{ input: [1, { $: ['circle', null] }] }] })
  })
})
