import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { CliError } from '../src/errors.ts'
import { fitRow, inputFromPairs } from '../src/input.ts'

const schema = z.object({
  topic: z.string(),
  count: z.number().int().optional(),
  tags: z.array(z.string()).optional(),
  draft: z.boolean().default(false),
})

function refusal(pairs: readonly string[], of: z.ZodObject = schema): CliError {
  try {
    inputFromPairs(pairs, of)
  } catch (error) {
    if (error instanceof CliError) return error
  }
  throw new CliError('FAILED', 'it was accepted')
}

describe('--input', () => {
  it('is a string where the schema takes one, also when it looks like JSON', () => {
    expect(inputFromPairs(['topic=42'], schema)).toEqual({ topic: '42' })
    expect(inputFromPairs(['topic=a=b'], schema)).toEqual({ topic: 'a=b' })
    expect(inputFromPairs(['topic='], schema)).toEqual({ topic: '' })
  })

  it('is JSON elsewhere', () => {
    expect(
      inputFromPairs(['topic=geese', 'count=3', 'tags=["a","b"]', 'draft=true'], schema),
    ).toEqual({ topic: 'geese', count: 3, tags: ['a', 'b'], draft: true })
  })

  it('that is missing is named, with how to give it', () => {
    const error = refusal(['count=3'])
    expect(error.message).toBe('missing input "topic"')
    expect(error.mend).toBe(
      'It takes --input topic=… --input count=… --input tags=… --input draft=…',
    )
    expect(error.exitCode).toBe(2)
  })

  it('that is missing beside others is named with them', () => {
    const several = z.object({
      a: z.string(),
      b: z.number(),
      c: z.string().optional(),
      d: z.null(),
    })
    expect(() => inputFromPairs([], several)).toThrow('missing inputs "a", "b" and "d"')
  })

  it('that is misspelt is told what was meant', () => {
    expect(refusal(['topci=geese']).message).toBe('there is no input "topci". Did you mean topic?')
  })

  it('of the wrong type names the input and what was expected', () => {
    expect(refusal(['topic=a', 'count="x"']).message).toBe(
      'input "count": expected number, received string',
    )
    expect(refusal(['topic=a', 'count=many']).message).toBe(
      'input "count": expected number, received string, and the value is not JSON',
    )
  })

  it.each([
    [z.number(), "value=3'"],
    [z.boolean(), "value=true'"],
    [z.object({ a: z.number() }), `value={"a": 1}'`],
    [z.array(z.string()), `value=["a", "b"]'`],
    [z.date(), 'JSON has no dates: let the pipeline take z.coerce.date()'],
  ])('of the wrong type is told how such a value is written: %#', (value, mend) => {
    const typed = z.object({ value })
    expect(refusal(['value=2020-01-01'], typed)).toMatchObject({
      mend: expect.stringContaining(mend) as unknown,
    })
  })

  it('[D33] that is a number which would be rounded is refused', () => {
    expect(refusal(['topic=a', 'count=9007199254740993']).message).toBe(
      'input "count": a number beyond 2^53 would be rounded; write it in quotes, as a text',
    )
  })

  it('without a name or given twice is refused', () => {
    expect(refusal(['geese']).message).toBe('--input geese: expected name=value')
    expect(refusal(['=geese']).message).toBe('--input =geese: expected name=value')
    expect(refusal(['topic=a', 'topic=b']).message).toBe('input "topic" is given twice')
  })

  it('never reaches what objects inherit', () => {
    expect(refusal(['__proto__=x']).message).toContain('there is no input "__proto__"')
    expect(refusal(['constructor=x']).message).toContain('there is no input "constructor"')
  })
})

describe('a row', () => {
  it('is its own input', () => {
    expect(fitRow({ topic: 'geese', count: 1 }, schema)).toEqual({
      row: { topic: 'geese', count: 1 },
    })
  })

  it('that is a bare value fits the only input', () => {
    expect(fitRow('geese', z.object({ topic: z.string() }))).toEqual({ row: { topic: 'geese' } })
  })

  it('that is a bare value does not fit several inputs', () => {
    expect(fitRow(['geese'], schema)).toEqual({
      problem: 'expected an object with "topic", "count", "tags", "draft", found a list',
    })
  })

  it('with an unknown or a wrong column says which', () => {
    expect(fitRow({ topic: 'x', tpoic: 'y' }, schema)).toEqual({
      problem: 'there is no input "tpoic". Did you mean topic?',
    })
    expect(fitRow({ topic: 1 }, schema)).toEqual({
      problem: 'input "topic": expected string, received number',
    })
  })
})
