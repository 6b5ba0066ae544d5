import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../src/limits.ts'
import { codeOf, cut, frame, measured, nested, read, write } from './frame-bytes.ts'

/** The shortest text that travels outside of the JSON. */
const RAW = 400

const assign = (input: unknown): object => ({ type: 'assign', task: '1', input, models: [] })
const finish = (output: unknown): object => ({ type: 'finish', task: '1', output, steps: ['a'] })

/** A head that keeps a place for one text. */
const PLACE = '[{"type":"finish","output":""},"output"]'

/** The two bytes of a character, apart. */
function halves(character: string): [Buffer, Buffer] {
  const bytes = Buffer.from(character)
  return [bytes.subarray(0, 1), bytes.subarray(1)]
}

/** The parts of the only frame in those bytes: its head and its texts. */
function partsOf(bytes: Buffer): string[] {
  const parts: string[] = []
  for (let at = 4; at < bytes.length;) {
    const end = at + 4 + bytes.readUInt32BE(at)
    parts.push(bytes.toString('utf8', at + 4, end))
    at = end
  }
  return parts
}

describe('a long text', () => {
  const text = 'a "quoted"\n\\ text, é€😀 \u{feff}\u0000'.repeat(20)
  const lone = `${text}\ud800`

  it('follows the JSON as it is: the output of a task, the texts of its input', () => {
    expect(partsOf(write(finish(text)))).toEqual([
      '[{"type":"finish","task":"1","output":"","steps":["a"]},"output"]',
      text,
    ])
    const input = { a: text, short: 'b', list: [text], c: '', d: `${text}!` }
    expect(partsOf(write(assign(input)))).toEqual([
      JSON.stringify([assign({ ...input, a: '', d: '' }), 'a', 'd']),
      text,
      `${text}!`,
    ])
  })

  it('stays in the JSON where it is short, no UTF-8 can say it, or it stands elsewhere', () => {
    for (const message of [
      finish('x'.repeat(RAW - 1)),
      finish(lone),
      finish({ text }),
      finish([text]),
      assign({ lone, short: 'x'.repeat(RAW - 1), nothing: null }),
      assign(text),
      assign([text]),
      assign(null),
      { type: 'assign' },
      { type: 'finish' },
      { type: 'progress', text },
      { type: 'define', output: text, input: { text } },
      { output: text, input: { text } },
    ]) {
      expect(partsOf(write(message))).toEqual([JSON.stringify(message)])
    }
    expect(partsOf(write(finish('x'.repeat(RAW))))).toHaveLength(2)
  })

  it('is read where it was, whatever it holds, wherever the bytes are cut', () => {
    const long = fc.string({ unit: 'binary', minLength: RAW - 2, maxLength: RAW + 60 })
    const value = fc.oneof(long, fc.constant(text), fc.constant(lone), fc.jsonValue())
    const name = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', '1', 'output'))
    const message = fc.oneof(value.map(finish), fc.dictionary(name, value).map(assign))
    fc.assert(
      fc.property(fc.array(message), fc.array(fc.nat(), { maxLength: 12 }), (sent, places) => {
        expect(JSON.stringify(read(...cut(write(...sent), places)))).toBe(JSON.stringify(sent))
      }),
    )
  })

  it('is read from single bytes', () => {
    const sent = [assign({ a: text, b: text }), finish(text), { type: 'ping' }]
    const bytes = write(...sent)
    expect(read(...cut(bytes, [...bytes.keys()]))).toEqual(sent)
  })

  it('leaves the message as it was, also a frozen one', () => {
    const input = Object.freeze({ a: text, b: 1 })
    const sent = [Object.freeze(assign(input)), Object.freeze(finish(text))]
    expect(read(write(...sent))).toEqual(sent)
    expect(sent).toEqual([assign({ a: text, b: 1 }), finish(text)])
  })

  it('becomes a member like any other, and no prototype', () => {
    const quoted = JSON.stringify(text)
    const sent = assign(JSON.parse(`{"__proto__":${quoted},"constructor":${quoted}}`))
    expect(partsOf(write(sent))).toHaveLength(3)
    expect(JSON.stringify(read(write(sent)))).toBe(JSON.stringify([sent]))
    const attack = '[{"type":"assign","input":{"a":""}},"__proto__"]'
    expect(codeOf(() => read(frame(attack, text)))).toBe('MALFORMED_FRAME')
  })

  it('counts for the length of its frame, and takes no depth from its message', () => {
    const around = write(finish('x'.repeat(RAW))).length - 4 - RAW
    const largest = finish('x'.repeat(LIMITS.frameBytes - around))
    expect(read(write(largest))).toEqual([largest])
    expect(codeOf(() => write(finish('x'.repeat(LIMITS.frameBytes - around + 1))))).toBe(
      'FRAME_TOO_LARGE',
    )
    expect(codeOf(() => write(finish('€'.repeat(LIMITS.frameBytes / 2))))).toBe('FRAME_TOO_LARGE')
    const deepest = assign({ text, deep: nested(LIMITS.depth - 2) })
    expect(read(write(deepest))).toEqual([deepest])
    const deeper = assign({ text, deep: nested(LIMITS.depth - 1) })
    expect(codeOf(() => write(deeper))).toBe('MALFORMED_FRAME')
  })

  it.each<[string, Buffer]>([
    ['follows no list', frame('{"type":"finish","output":""}', 'secret')],
    ['follows an empty list', frame('[]', 'secret')],
    ['follows a list without names', frame('[{"type":"finish","output":""}]', 'secret')],
    ['has no name', frame(PLACE, 'secret', 'secret')],
    ['is missing', frame('[{"type":"assign","input":{"a":"","b":""}},"a","b"]', 'secret')],
    ['comes twice', frame('[{"type":"finish","output":""},"output","output"]', 'secret', 'secret')],
    ['is empty', frame(PLACE, '')],
    ['is there already', frame('[{"type":"finish","output":"secret"},"output"]', 'secret')],
    ['has no place kept', frame('[{"type":"finish"},"output"]', 'secret')],
    ['names another place', frame('[{"type":"finish","model":""},"model"]', 'secret')],
    ['belongs to another message', frame('[{"type":"progress","text":""},"text"]', 'secret')],
    ['belongs to no task', frame('[{"type":"define","input":{"a":""}},"a"]', 'secret')],
    ['has a number for a name', frame('[{"type":"assign","input":{"1":""}},1]', 'secret')],
    ['goes into a list', frame('[{"type":"assign","input":[""]},"0"]', 'secret')],
    ['goes into nothing', frame('[{"type":"assign","input":null},"a"]', 'secret')],
    ['goes into no message', frame('[null,"output"]', 'secret')],
    [
      'goes into what is inherited',
      frame('[{"type":"assign","input":{}},"constructor"]', 'secret'),
    ],
    ['is no UTF-8', frame(PLACE, Uint8Array.of(0xff))],
    [
      'ends in the middle of a character',
      frame('[{"type":"assign","input":{"a":"","b":""}},"a","b"]', ...halves('é')),
    ],
    [
      'is longer than its frame',
      Buffer.concat([
        measured(Buffer.concat([measured(PLACE), measured('secret', 7)])),
        write({ type: 'ping' }),
      ]),
    ],
    ['has half a length', measured(Buffer.concat([measured('{}'), Buffer.alloc(3)]))],
  ])('is refused when it %s, without a word of what it said', (_, bytes) => {
    expect(codeOf(() => read(bytes))).toBe('MALFORMED_FRAME')
    expect(() => read(bytes)).not.toThrow(/secret/u)
  })

  it('[X6] survives any list with any texts', () => {
    const input = fc.dictionary(fc.constantFrom('a', '__proto__'), fc.constantFrom('', 'b', 1))
    const member = fc.oneof(
      input.map(assign),
      fc.constant(finish('')),
      fc.constantFrom('a', 'output', '__proto__', 'constructor', 0, null),
    )
    const texts = fc.array(fc.oneof(fc.string({ maxLength: 3 }), fc.uint8Array({ maxLength: 3 })))
    fc.assert(
      fc.property(fc.array(member, { maxLength: 4 }), texts, (list, parts) => {
        const code = codeOf(() => read(frame(JSON.stringify(list), ...parts)))
        expect(['MALFORMED_FRAME', undefined]).toContain(code)
      }),
    )
  })

  it('is refused when the head is longer than its frame', () => {
    expect(codeOf(() => read(measured(measured('{}', 3))))).toBe('MALFORMED_FRAME')
    expect(codeOf(() => read(measured(measured('{}', 2 ** 32 - 1))))).toBe('MALFORMED_FRAME')
  })
})
