import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../src/errors.ts'
import { FrameWriter } from '../src/frames.ts'
import { LIMITS } from '../src/limits.ts'
import { codeOf, cut, frame, measured, nested, read, write } from './frame-bytes.ts'

describe('a frame', () => {
  it('is its length in four bytes, then JSON after its own: the bytes of other implementations', () => {
    expect(write({ type: 'ping', nonce: 7 }).toString('hex')).toBe(
      `0000001d00000019${Buffer.from('{"type":"ping","nonce":7}').toString('hex')}`,
    )
    const hex = '00000015000000117b2261223a22c3a9e282acf09f9880227d'
    expect(write({ a: 'é€😀' }).toString('hex')).toBe(hex)
    expect(read(Buffer.from(hex, 'hex'))).toEqual([{ a: 'é€😀' }])
  })

  it('is read again as it was written, wherever the bytes are cut', () => {
    const messages = fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 })), {
      maxLength: 8,
    })
    fc.assert(
      fc.property(messages, fc.array(fc.nat(), { maxLength: 12 }), (sent, places) => {
        const expected: unknown = JSON.parse(JSON.stringify(sent))
        expect(read(...cut(write(...sent), places))).toEqual(expected)
      }),
    )
  })

  it('is read again from single bytes', () => {
    const sent = [{ text: 'a"b\\c\\\\"'.repeat(50) }, {}, { list: [1, [2, [3]]] }]
    const bytes = write(...sent)
    expect(read(...cut(bytes, [...bytes.keys()]))).toEqual(sent)
  })

  it('grows with what comes, without losing what came', () => {
    const sent = Array.from({ length: 5 }, (_, index) => ({
      index,
      list: Array.from({ length: 20_000 }, (__, place) => (index * place) % 1_000),
    }))
    const bytes = write(...sent)
    const places = Array.from({ length: bytes.length / 777 }, (_, index) => index * 777)
    expect(read(...cut(bytes, places))).toEqual(sent)
  })

  it('may be as large as the limit and no larger, in either direction', () => {
    const room = LIMITS.frameBytes - 4 - '{"a":""}'.length
    const largest = { a: 'x'.repeat(room) }
    expect(read(write(largest))).toEqual([largest])
    expect(codeOf(() => write({ a: 'x'.repeat(room + 1) }))).toBe('FRAME_TOO_LARGE')
    expect(codeOf(() => write({ a: '€'.repeat(room / 2) }))).toBe('FRAME_TOO_LARGE')
  })

  it('is refused for its length before its body is there', () => {
    expect(codeOf(() => read(measured('', LIMITS.frameBytes + 1)))).toBe('FRAME_TOO_LARGE')
    expect(codeOf(() => read(measured('', 2 ** 32 - 1)))).toBe('FRAME_TOO_LARGE')
    expect(codeOf(() => read(...cut(measured('', 2 ** 31), [1, 2, 3])))).toBe('FRAME_TOO_LARGE')
    for (const length of [0, 1, 4, 5]) {
      expect(codeOf(() => read(measured('', length)))).toBe('MALFORMED_FRAME')
    }
  })

  it('may nest as deep as the limit and no deeper, in either direction', () => {
    expect(read(write(nested(LIMITS.depth)))).toEqual([nested(LIMITS.depth)])
    const wide = { list: Array.from({ length: 1_000 }, () => [{}, [nested(10)]]) }
    expect(read(write(wide))).toEqual([wide])
    expect(codeOf(() => write(nested(LIMITS.depth + 1)))).toBe('MALFORMED_FRAME')
    expect(codeOf(() => read(frame('['.repeat(100_000))))).toBe('MALFORMED_FRAME')
    expect(codeOf(() => read(frame('{"a":'.repeat(LIMITS.depth + 1))))).toBe('MALFORMED_FRAME')
  })

  it('may hold brackets, commas and quotes in its strings', () => {
    const text = '[{,"\\'.repeat(LIMITS.values)
    expect(read(write({ text, [text.slice(0, 99)]: [text.slice(0, 30)] }))).toEqual([
      { text, [text.slice(0, 99)]: [text.slice(0, 30)] },
    ])
    const hidden = `"${'\\\\'.repeat(40)}","${'\\"'.repeat(40)}[`
    expect(() => read(frame(`[${hidden}",${'['.repeat(LIMITS.depth + 1)}`))).toThrow(
      'nested deeper',
    )
    expect(() => read(frame(`[${hidden}",${'['.repeat(LIMITS.depth)}`))).toThrow('not JSON')
  })

  it('may hold as many values as the limit and no more', () => {
    const list = Array.from({ length: LIMITS.values - 1 }, () => 0)
    expect(read(write({ list }))).toEqual([{ list }])
    expect(codeOf(() => write({ list: [...list, 0, 0, 0] }))).toBe('MALFORMED_FRAME')
    expect(codeOf(() => read(frame(`[${'{},'.repeat(LIMITS.values / 2 + 1)}{}]`)))).toBe(
      'MALFORMED_FRAME',
    )
  })

  it('is refused when it is not JSON or not UTF-8, without a word of what it said', () => {
    for (const body of [
      '{"secret":',
      'secret',
      '{"a":"\n"}',
      '["secret"]]',
      '  ',
      '\u0000\u0000',
    ]) {
      expect(() => read(frame(body))).toThrow(ProtocolError)
      expect(() => read(frame(body))).not.toThrow(/secret/u)
    }
    expect(codeOf(() => read(frame(Uint8Array.of(0x22, 0xff, 0xfe, 0x22))))).toBe('MALFORMED_FRAME')
    expect(codeOf(() => read(frame(Uint8Array.of(0x22, 0xc3, 0x22))))).toBe('MALFORMED_FRAME')
  })

  it('refuses to write what JSON cannot say, and writes on', () => {
    const circular: Record<string, unknown> = {}
    circular['self'] = circular
    const writer = new FrameWriter()
    expect(codeOf(() => writer.write(circular))).toBe('MALFORMED_FRAME')
    expect(codeOf(() => writer.write({ big: 1n }))).toBe('MALFORMED_FRAME')
    expect(codeOf(() => writer.write(nested(LIMITS.depth + 1)))).toBe('MALFORMED_FRAME')
    writer.write({ ok: true })
    expect(read(...writer.take())).toEqual([{ ok: true }])
  })

  it('[X6] survives garbage: whatever comes is read or refused with a code', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat()), (bytes, places) => {
        const code = codeOf(() => read(...cut(bytes, places)))
        expect(['MALFORMED_FRAME', 'FRAME_TOO_LARGE', undefined]).toContain(code)
      }),
    )
  })

  it('[X6] survives damage to real frames', () => {
    const input = { text: 'a "quoted" \\ text', long: 'aé'.repeat(400), list: [[1], {}] }
    const real = write({ type: 'assign', input }, { type: 'finish', output: '€'.repeat(400) })
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.integer({ max: 255, min: 0 }))), (changes) => {
        const damaged = Uint8Array.from(real)
        for (const [place, byte] of changes) damaged[place % damaged.length] = byte
        const code = codeOf(() => read(damaged))
        expect(['MALFORMED_FRAME', 'FRAME_TOO_LARGE', undefined]).toContain(code)
      }),
    )
  })
})

describe('a frame writer', () => {
  it('puts what is written between two takes into one piece', () => {
    const writer = new FrameWriter()
    writer.write({ a: 1 })
    writer.write({ b: 2 })
    expect(writer.bytes).toBe(30)
    const first = writer.take()
    expect(first).toHaveLength(1)
    expect(writer.bytes).toBe(0)
    writer.write({ c: 3 })
    expect(read(...first, ...writer.take())).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }])
    expect(writer.take()).toEqual([])
  })

  it('never touches again what it gave away', () => {
    const writer = new FrameWriter()
    const taken: Uint8Array[] = []
    const sent: object[] = []
    for (let index = 0; index < 500; index += 1) {
      const message = { index, text: 'x'.repeat((index * 37) % 2_000) }
      sent.push(message)
      writer.write(message)
      if (index % 3 === 0) taken.push(...writer.take())
    }
    expect(read(...taken, ...writer.take())).toEqual(sent)
  })
})
