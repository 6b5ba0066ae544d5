import { describe, expect, it } from 'vitest'
import { ClientError, createMemoryStore } from '../../src/index.ts'

describe('forgetting cached answers', () => {
  it.each([
    ["cache.clear() has no option 'setp'; it has scope, step, before", { setp: 'x' }],
    ['step of cache.clear() must be a text, not 5', { step: 5 }],
    [
      `scope of cache.clear() must be 'run', 'project', 'network' or 'project NAME', not "projct"`,
      { scope: 'projct' },
    ],
    ['scope of cache.clear() must be', { scope: 'net' }],
    ['scope of cache.clear() must be', { scope: '' }],
    ['before of cache.clear() must be a number of milliseconds', { before: '2030-01-01' }],
    ['the options of cache.clear() must be an object', 'ask'],
  ])('[F3] forgets nothing where it is not said well what: %s', async (message, filter) => {
    await using store = createMemoryStore()
    const { cache } = store
    const origin = { node: 'local', peer: '', model: '', tokens: { input: 0, output: 0 }, ms: 1 }
    cache.put({ scope: 's', key: 'k', step: 'ask', output: 1, origin, ttlMs: undefined })
    const clear = () => void Reflect.apply(cache.clear.bind(cache), undefined, [filter])
    expect(clear).toThrow(ClientError)
    expect(clear).toThrow(message)
    expect(cache.stats().entries).toBe(1)
    expect(cache.clear({ step: 'ask' })).toBe(1)
  })
})

describe('putting an item into a queue', () => {
  it.each([
    ['half a character', '\ud800'],
    ['no text', 5],
  ])('[Q10] refuses a key that would be written as another: %s', async (_, key) => {
    await using store = createMemoryStore()
    const queue = store.queue('q')
    const push = () => void Reflect.apply(queue.push.bind(queue), undefined, [key, 1])
    expect(push).toThrow('key of push() must be a text without halves of characters')
    expect(queue.push('\ufffd', 1)).toBe(true)
  })
})
