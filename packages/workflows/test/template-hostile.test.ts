import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { literalTemplate, template } from '../src/template.ts'

/** A prompt of this piece over and over is refused before the parser spends its time on it. */
const refused = { code: 'INVALID_TEMPLATE' }

describe('a hostile prompt', () => {
  it.each([
    ['blocks that never close', '{{#if a}}'.repeat(100_000)],
    ['blocks that close', '{{#if a}}'.repeat(50_000) + '{{/if}}'.repeat(50_000)],
    ['ends of blocks in comments', '{{! {{/ }}{{#if a}}'.repeat(50_000)],
    ['ends of blocks in quotes', '{{"{{/"}}{{#if a}}'.repeat(50_000)],
    ['inverted blocks', '{{^a}}'.repeat(100_000)],
    ['other ways without end', `{{#if a}}${'{{else if a}}'.repeat(50_000)}{{/if}}`],
    ['calls in calls', `{{a ${'(a '.repeat(50_000)}${')'.repeat(50_000)}}}`],
    ['calls in calls after a backslash', `\\\\{{a ${'(a '.repeat(50_000)}`],
    ['escaped braces', '\\{{'.repeat(100_000)],
    ['escaped braces in text', 'x\\{{ '.repeat(50_000)],
    ['comments', '{{!-- --}}'.repeat(50_000)],
    ['calls in calls as long as a name', `{{a ${'(a '.repeat(9)}${')'.repeat(9)}}}`],
    ['brackets in brackets', `{{${'('.repeat(100)}`],
    ['a long path', `{{a${'.a'.repeat(50_000)}}}`],
    ['many arguments', `{{a${' b'.repeat(50_000)}}}`],
    ['braces', '{'.repeat(1_000_000)],
    ['comments that never close', '{{!--'.repeat(200_000)],
    ['raw blocks', '{{{{a}}}}'.repeat(100_000)],
  ])('[D3] [X6] is refused at once: %s', (_, source) => {
    expect(() => template(source)).toThrow(expect.objectContaining(refused))
  })

  it.each([
    ['many blocks one after another', '{{#if a}}1{{^}}2{{/if}}'.repeat(100), '1'.repeat(100)],
    ['blocks as deep as allowed', `${'{{#if a}}'.repeat(32)}x${'{{/if}}'.repeat(32)}`, 'x'],
    [
      'a long text in braces that are text',
      `\\{{${'x'.repeat(1000)}{{a}}`,
      `{{${'x'.repeat(1000)}1`,
    ],
    ['a name with brackets', '{{[a (b)]}}', '1'],
    ['many escaped braces', `${'\\{{'.repeat(256)}{{! x }}{{a}}`, `${'{{'.repeat(256)}1`],
    ['brackets in a comment', `{{! ${'('.repeat(20)} }}{{a}}`, '1'],
    ['a long comment', `{{! ${'x'.repeat(1000)} }}{{a}}`, '1'],
  ])('[D3] is not: %s', (_, source, text) => {
    expect(template(source).render(() => 1)).toBe(text)
  })

  it('[D14] [X6] is quoted in time that grows with its length', () => {
    for (const piece of ['\\', '{', '\\{', 'x\\', '}\\']) {
      const text = piece.repeat(500_000)
      const quoted = literalTemplate(text)
      expect(quoted.length).toBeLessThan(text.length * 8)
    }
  })

  it.each([
    ['with', 'x'],
    ['without', ''],
  ])('[D3] [X6] cannot loop in loops without end, %s text in them', (_, inside) => {
    const open = [0, 1, 2, 3].map((level) => `{{#each ${'../'.repeat(level)}xs}}`).join('')
    const source = `${open}${inside}${'{{/each}}'.repeat(4)}`
    const xs = Array.from({ length: 100 }, (__, index) => index)
    expect(() => template(source).render(() => xs)).toThrow(
      expect.objectContaining({ code: 'STEP_FAILED' }),
    )
  })

  it('[D3] loops over a list as long as any', () => {
    const xs = Array.from({ length: 500_000 }, () => 1)
    expect(template('{{#each xs}}{{this}}{{/each}}').render(() => xs)).toBe('1'.repeat(500_000))
  })

  it('[D3] [X6] cannot grow beyond every bound', () => {
    const value = 'x'.repeat(10_000_000)
    expect(template('{{a}}{{a}}').render(() => value)).toHaveLength(20_000_000)
    for (const source of ['{{a}}'.repeat(60), '{{#each b}}{{../a}}{{/each}}']) {
      const rendered = template(source)
      expect(() => rendered.render((name) => (name === 'a' ? value : Array(60).fill(1)))).toThrow(
        expect.objectContaining({ code: 'STEP_FAILED' }),
      )
    }
  })

  it('[D3] [X6] is refused or rendered, whatever it is: nothing else comes of it', () => {
    const piece = fc.constantFrom(
      ...'{{ }} {{{ }}} {{{{ {{# {{/ {{^ {{! {{~ ~}} #if #each /if /each else this @index ../ . a xs [ ] ( ) | = " \\ \n'.split(
        ' ',
      ),
      ' ',
    )
    const values = new Map<string, unknown>([
      ['a', '{{xs}}'],
      ['xs', [1, { a: 2 }]],
    ])
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        let code = ''
        try {
          template(pieces.join('')).render((name) => values.get(name))
        } catch (error) {
          code = String(Reflect.get(Object(error), 'code'))
        }
        expect(['', 'INVALID_TEMPLATE', 'MISSING_VALUE']).toContain(code)
      }),
      { numRuns: 3000 },
    )
  })
})
