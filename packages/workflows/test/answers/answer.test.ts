import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answerReader, type AnswerReader } from '../../src/answers/answer.ts'
import { LISTS } from '../answer-corpus/lists.ts'
import { LOSSES } from '../answer-corpus/losses.ts'
import { OBJECTS } from '../answer-corpus/objects.ts'
import { REMARKS } from '../answer-corpus/remarks.ts'
import type { Sample } from '../answer-corpus/sample.ts'
import { TEXTS } from '../answer-corpus/texts.ts'
import { WORDS } from '../answer-corpus/words.ts'
import { compileSchema } from '../../src/schema/schema.ts'

const CORPUS = [...TEXTS, ...LISTS, ...OBJECTS, ...WORDS, ...REMARKS, ...LOSSES]

/** What broken answers are made of. */
const PIECES = `[ ] { } " ' , : \\ \`\`\` json a it's 1 <think> </think> None ... - 1.`
  .split(' ')
  .concat(' ', '\n')

/** What a reading came to, as far as the sample says something of it. */
function outcome(
  { text, finishReason = 'stop', refused = '' }: Sample,
  reader: AnswerReader,
): unknown {
  const reading = reader.read(text, finishReason)
  return reading.ok ? { value: reading.value } : { refused: reading.reason.includes(refused) }
}

describe('an answer', () => {
  it('[D10] has a corpus of at least 150 samples', () => {
    expect(CORPUS.flatMap(({ samples }) => samples).length).toBeGreaterThanOrEqual(150)
  })

  for (const { schema, samples } of CORPUS) {
    const reader = answerReader(schema)
    for (const sample of samples) {
      const { about, value, refused } = sample
      const verdict = refused === undefined ? 'is read' : 'is refused'
      it(`[D10] ${verdict}: ${about}, for ${JSON.stringify(schema).slice(0, 60)}`, () => {
        const expected = refused === undefined ? { value } : { refused: true }
        expect(outcome(sample, reader)).toEqual(expected)
      })
    }
  }

  it('[D10] is taken as it is where any text will do', () => {
    const text = '  I say: ["a"] {{x}} ```\n'
    for (const schema of [
      undefined,
      { type: 'string' },
      { type: 'string', description: 'a poem' },
    ]) {
      const reader = answerReader(schema)
      expect(reader.read(text, 'stop')).toEqual({ ok: true, value: text })
      expect(reader.schema).toBeUndefined()
    }
  })

  it('[D10] is text without the thinking where any text will do', () => {
    const reader = answerReader(undefined)
    expect(reader.read('<think>hm</think>\n\nYes', 'stop')).toEqual({ ok: true, value: 'Yes' })
    expect(reader.read('<think>hm', 'length').ok).toBe(false)
  })

  it('[D10] is not read from JSON that is nested without end', () => {
    const deep = '['.repeat(100_000)
    expect(answerReader({ type: 'array' }).read(deep, 'stop').ok).toBe(false)
    expect(answerReader({ type: 'array' }).read(deep + ']'.repeat(100_000), 'stop').ok).toBe(false)
  })

  it('[D10] never crashes its reader and never gives what the schema refuses', () => {
    const schema = { type: 'array', items: { type: 'string' } }
    const check = compileSchema(schema)
    const reader = answerReader(schema)
    const piece = fc.constantFrom(...PIECES)
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.boolean(), (parts, cut) => {
        const reading = reader.read(parts.join(''), cut ? 'length' : 'stop')
        expect(reading.ok ? check(reading.value) : undefined).toBeUndefined()
      }),
      { numRuns: 3000 },
    )
  })

  it('[D10] is found again wherever it stands, however it is written', () => {
    const schema = { type: 'array', items: { type: 'string' }, minItems: 1 }
    const reader = answerReader(schema)
    const frames: readonly ((text: string) => string)[] = [
      (text) => text,
      (text) => `Sure:\n\`\`\`json\n${text}\n\`\`\`\nDone.`,
      (text) => `<think>a list</think>${text}`,
      (text) => `The answer is ${text}. Good luck!`,
    ]
    const words = fc.array(fc.stringMatching(/^[\w ,:;!?-]{1,12}$/), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(words, fc.constantFrom(...frames), (list, frame) => {
        expect(reader.read(frame(JSON.stringify(list)), 'stop')).toEqual({ ok: true, value: list })
        const python = `[${list.map((word) => `'${word}'`).join(', ')}]`
        expect(reader.read(frame(python), 'stop')).toEqual({ ok: true, value: list })
      }),
    )
  })
})
