import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { step } from '../src/index.ts'
import { messageOf } from '../src/errors.ts'
import { createMemoryStore } from '../src/store/memory-store.ts'
import { clientOn } from './durable-client.ts'
import { failureOf } from './waiting.ts'

const circular: Record<string, unknown> = {}
circular['self'] = circular

const own = { toString: () => 'in its own words' }
const bare: unknown = Object.setPrototypeOf({ code: 7 }, null)
const silent = {
  toString() {
    throw new RangeError('silent')
  },
}

const refused = new RangeError('connect ECONNREFUSED 127.0.0.1:9')
const fetching = new TypeError('fetch failed', { cause: refused })
const several = new AggregateError([new RangeError('a'), fetching], 'All promises were rejected')

describe('the text of what was thrown', () => {
  it.each([
    ['an error behind an error', fetching, `fetch failed: ${refused.message}`],
    [
      'an error that tells its cause itself',
      new RangeError(`lost: ${refused.message}`, { cause: refused }),
      `lost: ${refused.message}`,
    ],
    [
      'several errors at once',
      several,
      `All promises were rejected: a; fetch failed: ${refused.message}`,
    ],
    ['an error', new RangeError('too far'), 'too far'],
    ['an error without a message', new TypeError(''), 'TypeError'],
    ['a text', 'enough', 'enough'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['a plain object', { code: 'E7', n: 1n }, '{"code":"E7","n":"1"}'],
    ['an object without a prototype', bare, '{"code":7}'],
    ['a list of objects', [1, { code: 2 }], '[1,{"code":2}]'],
    ['a Map', new Map([['a', 1]]), '[["a",1]]'],
    ['an object with words of its own', own, 'in its own words'],
    ['an object that contains itself', circular, 'a value that cannot be told'],
    ['an object that throws when it is asked', silent, 'a value that cannot be told'],
  ])('says what %s is', (_, thrown, text) => {
    expect(messageOf(thrown)).toBe(text)
  })

  it('ends where errors are behind each other in a circle', () => {
    const error = new RangeError('round')
    error.cause = new RangeError('and round', { cause: error })
    expect(messageOf(error)).toBe('round: and round: round: and round')
  })

  it('is no longer than anybody reads', () => {
    expect(messageOf({ text: 'x'.repeat(100_000) }).length).toBeLessThan(1100)
  })

  it('stands in the failure of its step', async () => {
    await using client = clientOn(createMemoryStore())
    const body = step({
      name: 'body',
      input: z.number(),
      output: z.number(),
      run: () => {
        // oxlint-disable-next-line typescript/only-throw-error -- programs do
        throw { code: 'E7' }
      },
    })
    const error = await failureOf(client.run(body, 1))
    expect(error.message).toContain(`step 'body' threw: {"code":"E7"}`)
  })
})
