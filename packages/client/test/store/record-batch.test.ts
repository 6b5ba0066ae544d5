import { describe, expect, it } from 'vitest'
import { hashOfKey } from '../../src/store/key-index.ts'
import { BatchGatherer, RecordBatch } from '../../src/store/record-batch.ts'

const RECORDS = [
  ['0/ask', 'a body'],
  ['with "quotes" and\nlines \u{1f986}', '{"a":\n1}\n'],
  ['', ''],
] as const

function gathered(records: readonly (readonly [key: string, body: string])[]) {
  const gatherer = new BatchGatherer()
  for (const [i, [key, body]] of records.entries()) gatherer.add(key, body, i)
  return gatherer.take()
}

describe('a batch of records', () => {
  it('gives back every record, whatever is in its key and its body', () => {
    const [written] = gathered(RECORDS)
    const batch = RecordBatch.of(written?.text ?? '')
    expect(batch?.keys()).toEqual(RECORDS.map(([key]) => key))
    for (const [sum, [key, body]] of RECORDS.entries()) {
      expect(batch?.body(key)).toBe(body)
      expect(batch?.sum(key)).toBe(sum)
    }
    expect(batch?.body('1/ask')).toBeUndefined()
  })

  it('has the hashes of its keys beside it, in the order of its records', () => {
    const [written] = gathered(RECORDS)
    expect([...(written?.hashes ?? [])]).toEqual(RECORDS.map(([key]) => hashOfKey(key)))
  })

  it('gives the last record of a key', () => {
    const [written] = gathered([
      ['0', 'old'],
      ['1', 'other'],
      ['0', 'new'],
    ])
    const batch = RecordBatch.of(written?.text ?? '')
    expect(batch?.body('0')).toBe('new')
    expect(batch?.keys()).toEqual(['0', '1'])
  })

  it('ends when it is long: a record is found without reading all that was written at once', () => {
    const body = 'x'.repeat(1000)
    const batches = gathered(Array.from({ length: 1200 }, (_, i) => [`${i}`, body]))
    expect(batches).toHaveLength(3)
    const keys = batches.flatMap(({ text }) => RecordBatch.of(text)?.keys())
    expect(keys).toEqual(Array.from({ length: 1200 }, (_, i) => `${i}`))
  })

  it('is told from a text that is none, or is cut off', () => {
    const [written] = gathered(RECORDS)
    const text = written?.text ?? ''
    const kept = Array.from({ length: text.length }, (_, end) => RecordBatch.of(text.slice(0, end)))
    // It can be cut off between two records only.
    expect(kept.filter((batch) => batch !== undefined)).toHaveLength(RECORDS.length)
    for (const none of ['no batch', '1 -1 "a"\n\n', '1 x "a"\n\n', '1 3\nabc\n']) {
      expect(RecordBatch.of(none)).toBeUndefined()
    }
  })

  it('is empty again when it was taken', () => {
    const gatherer = new BatchGatherer()
    gatherer.add('0', 'body', 1)
    expect(gatherer.take()).toHaveLength(1)
    expect(gatherer.take()).toEqual([])
  })
})
