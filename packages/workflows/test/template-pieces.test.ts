import { describe, expect, it } from 'vitest'
import { segmentsOf, template, textOf } from '../src/template.ts'

/** The message of the error that parsing a prompt ends in. */
function complaint(source: string): string {
  try {
    template(source)
    return 'none'
  } catch (error) {
    return error instanceof Error ? error.message : 'no error'
  }
}

describe('the pieces of a prompt', () => {
  it.each([
    [
      'text and names',
      'Hi {{a}}, {{ b }}!',
      [{ text: 'Hi ' }, { name: 'a' }, { text: ', ' }, { name: 'b' }, { text: '!' }],
    ],
    ['a name with a space', '{{[my name]}}', [{ name: 'my name' }]],
    ['three braces', '{{{a}}}', [{ name: 'a' }]],
    ['a text in braces', '{{"{{"}}', [{ text: '{{' }]],
    ['a comment', 'a{{! hm }}', [{ text: 'a' }, { text: '' }]],
    ['nothing', '', []],
  ])('[D14] are known: %s', (_, source, segments) => {
    expect(segmentsOf(source)).toEqual(segments)
  })

  it.each([
    ['a path', '{{a.b}}'],
    ['a block', '{{#if a}}x{{/if}}'],
    ['what stands in a loop', '{{this}}'],
    ['data of a loop', '{{@index}}'],
    ['what is around a loop', '{{../a}}'],
    ['one path among names', '{{a}} {{b.c}} {{d}}'],
    ['a partial', '{{> a}}'],
    ['a number', '{{1}}'],
  ])('[D14] are not known where there is %s', (_, source) => {
    expect(segmentsOf(source)).toBeUndefined()
  })
})

describe('a prompt that cannot be read', () => {
  it.each([
    ['{{#if a}}', 'the prompt cannot be read on line 1'],
    ['one\ntwo\n{{a', "the prompt cannot be read on line 3, near '"],
    ['\n'.repeat(11) + '{{a', 'on line 12'],
    ['{{#if a}}x{{/each}}', "the prompt cannot be read on line 1: if doesn't match each"],
    [
      `${'\n'.repeat(11)}${' '.repeat(20)}{{#if a}}x{{/each}}`,
      "the prompt cannot be read on line 12: if doesn't match each",
    ],
    ['{{helper a}}', "the prompt cannot be read: there is no helper 'helper'"],
    ['{{helper a=1}}', "there is no helper 'helper'"],
    ['{{#with a}}x{{/with}}', 'there is no {{#with}}; there are #each, #if and #unless'],
    ['{{#if}}x{{/if}}', '{{#if}} takes exactly one name'],
    ['{{#if a b}}x{{/if}}', '{{#if}} takes exactly one name'],
    ['{{#if a b=1}}x{{/if}}', '{{#if}} takes exactly one name'],
    ['{{> part}}', 'a partial is not supported'],
    ['{{* part}}', 'a decorator is not supported'],
    ['{{1}}', 'only names can stand in {{…}}'],
    ['{{(a).b}}', 'only names can stand in {{…}}'],
    ['{{#if "x"}}y{{/if}}', 'only names can stand in {{…}}'],
    ['{{this}}', '{{this}} stands only inside {{#each}}'],
    ['{{../a}}', '{{../a}} leads out of the prompt'],
    ['{{#each a}}{{../../b}}{{/each}}', '{{../../b}} leads out of the prompt'],
    ['{{@up}}', 'there is no {{@up}}; there are @index, @key, @first and @last'],
    ['{{@index.x}}', 'there is no {{@index.x}}'],
    ['{{@constructor}}', 'there is no {{@constructor}}'],
    ['{{#if a}}1{{/if}}'.repeat(257), 'it has more than 256 blocks'],
    ['{{#if a}}'.repeat(33) + '{{/if}}'.repeat(33), 'blocks are nested deeper than 32'],
    [`{{${'x'.repeat(256)}}}`, 'a {{…}} is longer than 256 characters'],
    [`{{a ${'('.repeat(9)}`, 'a {{…}} has more than 8 brackets'],
    [`{{a ${'('.repeat(8)}`, 'on line 1'],
    ['{{! x }}'.repeat(513), 'it has more than 512 comments and escaped braces'],
    ['\\{{'.repeat(513), 'it has more than 512 comments and escaped braces'],
  ])('[D4] says so: %j', (source, message) => {
    expect(complaint(source)).toContain(message)
  })

  it.each([
    ['{{#if a}}1{{/if}}'.repeat(256)],
    ['{{#if a}}'.repeat(32) + '{{/if}}'.repeat(32)],
    [`{{${'x'.repeat(255)}}}`],
    ['{{! x }}'.repeat(512)],
  ])('[D4] is not one that is just small enough', (source) => {
    expect(complaint(source)).toBe('none')
  })
})

describe('a prompt', () => {
  it('[D3] is parsed once', () => {
    expect(template('Hi {{a}} once')).toBe(template('Hi {{a}} once'))
    for (let index = 0; index < 4100; index += 1) template(`Hi ${index}`)
    expect(template('Hi {{a}} once').render(() => 'you')).toBe('Hi you once')
  })

  it('[D3] names nothing where it has no braces', () => {
    expect(template('no names')).toMatchObject({ names: [], required: [] })
    expect(template('{{#each xs}}{{a}}{{/each}}{{b}}')).toMatchObject({
      names: ['xs', 'b'],
      required: ['b'],
    })
  })

  it('[D3] knows of no loop data outside a loop', () => {
    expect(template('{{#if @last}}yes{{else}}no{{/if}}').render(() => 1)).toBe('no')
    expect(template('{{#if @first}}yes{{else}}no{{/if}}').render(() => 1)).toBe('no')
    expect(
      template('{{#each xs}}{{#if @../last}}yes{{else}}no{{/if}}{{/each}}').render(() => [1]),
    ).toBe('no')
  })

  it('[D3] reads a path of what is no object as nothing', () => {
    for (const value of [null, 7, 'text', undefined, true]) {
      expect(() => template('{{a.b}}').render(() => value)).toThrow('{{a.b}} has no value')
      expect(template('{{#if a.b.c}}yes{{else}}no{{/if}}').render(() => value)).toBe('no')
    }
  })

  it('[D3] has an empty body where a block has none', () => {
    expect(template('a{{#if x}}{{/if}}b').render(() => true)).toBe('ab')
    expect(template('{{#if x}}{{/if}}').render(() => true)).toBe('')
  })

  it('[D3] writes texts as they are and all else as JSON', () => {
    expect(['a "b"', 7, null, [1], { a: 'b' }].map(textOf)).toEqual([
      'a "b"',
      '7',
      'null',
      '[1]',
      '{"a":"b"}',
    ])
  })
})
