import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WorkflowError } from '../src/index.ts'
import { literalTemplate, template } from '../src/template.ts'

function render(source: string, values: Readonly<Record<string, unknown>> = {}): string {
  return template(source).render((name) => (Object.hasOwn(values, name) ? values[name] : undefined))
}

describe('a prompt', () => {
  it.each([
    ['plain', 'no names { } }}', {}, 'no names { } }}'],
    ['a name', 'Hi {{name}}!', { name: 'Ada' }, 'Hi Ada!'],
    ['white space in the tag', '{{ name }}', { name: 'Ada' }, 'Ada'],
    ['three braces', '{{{name}}}', { name: '<b>' }, '<b>'],
    ['an ampersand', '{{&name}}', { name: '<b>' }, '<b>'],
    ['no escaping of HTML', '{{name}}', { name: '<a href="x">&</a>' }, '<a href="x">&</a>'],
    ['a path', '{{a.b}}', { a: { b: 'x' } }, 'x'],
    ['a deep path', '{{a.b.c}}', { a: { b: { c: 1 } } }, '1'],
    ['an index in a path', '{{xs.[1]}}', { xs: ['a', 'b'] }, 'b'],
    ['the length of a list', '{{xs.length}}', { xs: ['a', 'b'] }, '2'],
    ['a name with a space', '{{[my name]}}', { 'my name': 'x' }, 'x'],
    ['a name with a hyphen', '{{my-name}}', { 'my-name': 'x' }, 'x'],
    ['a number', '{{n}}', { n: 7 }, '7'],
    ['a truth value', '{{b}}', { b: false }, 'false'],
    ['null', '{{x}}', { x: null }, 'null'],
    ['an empty text', '[{{x}}]', { x: '' }, '[]'],
    ['a list as JSON', '{{xs}}', { xs: ['a', 1] }, '["a",1]'],
    ['an object as JSON', '{{o}}', { o: { a: [1] } }, '{"a":[1]}'],
    ['a loop', '{{#each xs}}- {{this}}\n{{/each}}', { xs: ['a', 'b'] }, '- a\n- b\n'],
    [
      'a loop with an index',
      '{{#each xs}}{{@index}}{{this}} {{/each}}',
      { xs: ['a', 'b'] },
      '0a 1b ',
    ],
    [
      'first and last',
      '{{#each xs}}{{#if @first}}<{{/if}}{{this}}{{#if @last}}>{{/if}}{{/each}}',
      { xs: ['a', 'b'] },
      '<ab>',
    ],
    [
      'members of the item',
      '{{#each xs}}{{name}}={{v.w}};{{/each}}',
      { xs: [{ name: 'a', v: { w: 1 } }] },
      'a=1;',
    ],
    ['members named with this', '{{#each xs}}{{this.name}}{{/each}}', { xs: [{ name: 'a' }] }, 'a'],
    [
      'what is outside the loop',
      '{{#each xs}}{{../name}}{{this}}{{/each}}',
      { xs: ['a'], name: 'x' },
      'xa',
    ],
    [
      'a loop in a loop',
      '{{#each xs}}{{#each this}}{{../../n}}{{@../index}}{{this}} {{/each}}{{/each}}',
      { xs: [['a'], ['b']], n: 'n' },
      'n0a n1b ',
    ],
    [
      'a loop over an object',
      '{{#each o}}{{@key}}={{this}} {{/each}}',
      { o: { a: 1, b: 2 } },
      'a=1 b=2 ',
    ],
    ['an empty loop', '{{#each xs}}x{{else}}none{{/each}}', { xs: [] }, 'none'],
    ['a loop over what is absent', '{{#each xs}}x{{/each}}.', {}, '.'],
    ['if', '{{#if x}}yes{{else}}no{{/if}}', { x: 'a' }, 'yes'],
    ['else', '{{#if x}}yes{{else}}no{{/if}}', { x: '' }, 'no'],
    ['if of an empty list', '{{#if x}}yes{{else}}no{{/if}}', { x: [] }, 'no'],
    ['if of a list', '{{#if x}}yes{{else}}no{{/if}}', { x: [0] }, 'yes'],
    ['if of zero', '{{#if x}}yes{{else}}no{{/if}}', { x: 0 }, 'no'],
    ['if of what is absent', '{{#if x}}{{x}}{{else}}no{{/if}}', {}, 'no'],
    ['else if', '{{#if x}}1{{else if y}}2{{else}}3{{/if}}', { x: false, y: true }, '2'],
    ['unless', '{{#unless x}}no{{else}}yes{{/unless}}', { x: false }, 'no'],
    ['a note', 'a{{! not for the model }}b{{!-- nor }} this --}}c', {}, 'abc'],
    ['white space control', 'a  {{~x~}}  b', { x: 1 }, 'a1b'],
    ['a block on its own lines', 'a\n{{#if x}}\nb\n{{/if}}\nc', { x: 1 }, 'a\nb\nc'],
    ['escaped braces', 'a \\{{x}} {{x}}', { x: 1 }, 'a {{x}} 1'],
    ['a quoted text', '{{"{{"}}x', {}, '{{x'],
  ] as const)('[D3] renders %s', (...[, source, values, expected]) => {
    expect(render(source, values)).toBe(expected)
  })

  it('[D3] is rendered in one pass: what a value holds is never read as a template', () => {
    const values = { a: '{{b}}', b: '{{a}} }}{{{ {{#each xs}}', xs: ['{{a}}'] }
    expect(render('{{a}}|{{b}}|{{#each xs}}{{this}}{{/each}}', values)).toBe(
      '{{b}}|{{a}} }}{{{ {{#each xs}}|{{a}}',
    )
  })

  it('[D3] brings any value into the prompt unchanged', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (a, b) => {
        expect(render('<{{a}}>{{b}}</{{a}}>', { a, b })).toBe(`<${a}>${b}</${a}>`)
        expect(render('{{#each xs}}({{this}}){{/each}}', { xs: [a, b] })).toBe(`(${a})(${b})`)
      }),
    )
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'])(
    '[D3] reads no `%s` of a prototype',
    (name) => {
      const values = { o: { a: 1 }, xs: [{}], text: 'abc' }
      for (const source of [`{{o.${name}}}`, `{{#each xs}}{{${name}}}{{/each}}`, `{{${name}}}`]) {
        expect(() => render(source, values)).toThrow('has no value')
      }
      expect(() => render(`{{o.${name}.name}}{{text.${name}}}`, values)).toThrow('has no value')
    },
  )

  it('[D3] reads an own property whatever its name', () => {
    const o: unknown = JSON.parse('{"__proto__": "own", "constructor": "too"}')
    expect(render('{{o.__proto__}} {{o.constructor}}', { o })).toBe('own too')
  })

  it.each([
    ['{{name}}', '{{name}} has no value'],
    ['{{a.b.c}}', '{{a.b.c}} has no value'],
    ['{{#each xs}}{{name}}{{/each}}', '{{name}} has no value'],
    ['{{#if a}}{{b}}{{/if}}', '{{b}} has no value'],
  ])('[D3] names the variable that has no value: %s', (source, message) => {
    const error = new WorkflowError('MISSING_VALUE', message)
    expect(() => render(source, { a: { b: {} }, xs: [{}] })).toThrow(error)
  })

  it.each([
    ['{{#each xs}}', 'on line 1'],
    ['a\nb {{/if}}', 'on line 2'],
    ['{{a b}}', "no helper 'a'"],
    ['{{a b=1}}', "no helper 'a'"],
    ['{{#with a}}{{/with}}', 'no {{#with}}'],
    ['{{#if a b}}{{/if}}', 'exactly one name'],
    ['{{#each}}{{/each}}', 'exactly one name'],
    ['{{> partial}}', 'not supported'],
    ['{{#*inline "x"}}{{/inline}}', 'not supported'],
    ['{{this}}', 'only inside {{#each}}'],
    ['{{../a}}', 'leads out of the prompt'],
    ['{{@index}}{{@root}}', 'no {{@root}}'],
    ['{{(a b)}}', 'only names'],
    ['{{#if (a b)}}{{/if}}', 'only names'],
    ['{{12}}', 'only names'],
    ['{{}}', 'on line 1'],
    [`${'{{#if a}}'.repeat(40)}${'{{/if}}'.repeat(40)}`, 'nested deeper'],
  ])('[D3] is refused where it cannot be read: %s', (source, message) => {
    expect(() => render(source, { a: 1 })).toThrow(message)
    expect(() => template(source)).toThrow(expect.objectContaining({ code: 'INVALID_TEMPLATE' }))
  })

  it.each(['{{#if a}}', '{{', '{{{', '{{(', '{{#each a}}{{else}}', '{{a b=', '{{/if}}', '{{"'])(
    '[D3] is refused, not crashed on, when it is hostile: %s',
    (piece) => {
      expect(() => template(piece.repeat(20_000))).toThrow(
        expect.objectContaining({ code: 'INVALID_TEMPLATE' }),
      )
    },
  )

  it('[D3] tells the names that it reads, and those it cannot do without', () => {
    const { names, required } = template(
      '{{a}} {{b.c}} {{#if d}}{{e}}{{/if}}{{#each f}}{{g}}{{../h}}{{/each}} {{a}}',
    )
    expect(names).toEqual(['a', 'b', 'd', 'e', 'f', 'h'])
    expect(required).toEqual(['a', 'b'])
  })

  it('[D3] is parsed once', () => {
    expect(template('{{x}} once')).toBe(template('{{x}} once'))
  })

  it('[D14] can say any text literally', () => {
    const piece = fc.constantFrom('{', '}', '\\', 'x', '"', '{{x}}', '{{{', '}}', '{{#if x}}', '\n')
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('').replaceAll('"', '')
        expect(render(literalTemplate(text))).toBe(text)
        expect(render(`${literalTemplate(text)}{{x}}`, { x: 1 })).toBe(`${text}1`)
      }),
    )
  })
})
