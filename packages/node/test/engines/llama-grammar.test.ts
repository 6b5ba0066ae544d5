import { describe, expect, it } from 'vitest'
import { grammarFor } from '../../src/engines/llama-grammar.ts'
import type { Llama } from '../../src/engines/llama-library.ts'

/** A library that takes every grammar, or none. */
function library(follows = true): Pick<Llama, 'createGrammar'> {
  return {
    createGrammar: ({ grammar }) =>
      follows ? Promise.resolve({ grammar }) : Promise.reject(new TypeError('no such rule')),
  }
}

describe('the rules of a schema', () => {
  it('[D10] are those of the workflow language: no free space, patterns and ranges kept', async () => {
    const schema = {
      type: 'object',
      properties: {
        code: { type: 'string', pattern: '^[a-c]{2}$' },
        n: { type: 'integer', minimum: 3, maximum: 5 },
      },
      required: ['code', 'n'],
    }
    const { grammar } = (await grammarFor(library(), schema)) ?? {}
    expect(grammar).toContain('[a-c]')
    expect(grammar).toContain('[3-5]')
    expect(grammar).toMatch(/^root ::= /)
  })

  it.each([
    ['that allows anything', {}],
    ['that says nothing a grammar can', { allOf: [{ type: 'array' }] }],
    ['that is none', { type: 'tuple' }],
  ])('[D10] are none for a schema %s', async (_, schema) => {
    expect(await grammarFor(library(), schema)).toBeUndefined()
  })

  it('[D10] are none where the library cannot follow them', async () => {
    expect(await grammarFor(library(false), { type: 'number' })).toBeUndefined()
  })
})
