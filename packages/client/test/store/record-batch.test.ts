import { describe, expect, it } from 'vitest'
import { hashOfKey } from '../../src/store/key-index.ts'
import {
  BatchGatherer,
  hashesOf,
  RecordBatch,
  type BatchBytes,
} from '../../src/store/record-batch.ts'

const RECORDS = [
  ['0/ask', 'a body'],
  ['with "quotes" and\nlines \u{1f986}', '{"a":\n1}\n'],
  ['', ''],
] as const

const SEED = 7

function gathered(records: readonly (readonly [key: string, body: string])[], seed = SEED) {
  const gatherer = new BatchGatherer(seed)
  for (const [key, body] of records) gatherer.add(key, body)
  return gatherer.take()
}

const NONE: BatchBytes = { numbers: new Uint32Array(), bytes: new Uint8Array() }

function keysOf(batch: RecordBatch | undefined): string[] {
  return Array.from(batch?.records() ?? [], ({ key }) => key).toReversed()
}

describe('a batch of records', () => {
  it('gives back every record, whatever is in its key and its body', () => {
    const [written = NONE] = gathered(RECORDS)
    const batch = RecordBatch.of(written, SEED)
    const records = RECORDS.map(([key, body]) => ({ key, body, isWhole: true }))
    expect([...(batch?.records() ?? [])]).toEqual(records.toReversed())
    for (const record of records) expect(batch?.find(record.key)).toEqual(record)
    expect(batch?.find('1/ask')).toBeUndefined()
  })

  it('has the hashes of its keys beside it, in the order of its records', () => {
    const [written = NONE] = gathered(RECORDS)
    expect([...hashesOf(written.numbers)]).toEqual(RECORDS.map(([key]) => hashOfKey(key)))
  })

  it('gives the last record of a key', () => {
    const [written = NONE] = gathered([
      ['0', 'old'],
      ['1', 'other'],
      ['0', 'new'],
    ])
    const batch = RecordBatch.of(written, SEED)
    expect(batch?.find('0')?.body).toBe('new')
    expect(keysOf(batch)).toEqual(['0', '1', '0'])
  })

  it('ends when it is long: a record is found without reading all that was written at once', () => {
    const body = 'x'.repeat(1000)
    const batches = gathered(Array.from({ length: 1200 }, (_, i) => [`${i}`, body]))
    expect(batches).toHaveLength(3)
    const keys = batches.flatMap((batch) => keysOf(RecordBatch.of(batch, SEED)))
    expect(keys).toEqual(Array.from({ length: 1200 }, (_, i) => `${i}`))
  })

  it('is told from bytes that are none, or are cut off', () => {
    const [written = NONE] = gathered(RECORDS)
    const { numbers, bytes } = written
    for (let end = 0; end < bytes.length; end++) {
      expect(RecordBatch.of({ numbers, bytes: bytes.subarray(0, end) }, SEED)).toBeUndefined()
    }
    expect(RecordBatch.of({ numbers: numbers.slice(0, 6), bytes }, SEED)).toBeUndefined()
    expect(RecordBatch.of({ numbers: numbers.slice(0, 8), bytes }, SEED)).toBeUndefined()
  })

  it('tells the record that was changed from those that were not, whichever byte it is', () => {
    const [written = NONE] = gathered(RECORDS)
    const { numbers, bytes } = written
    for (const place of bytes.keys()) {
      const changed = Uint8Array.from(bytes)
      changed[place] = (changed[place] ?? 0) ^ 1
      const batch = RecordBatch.of({ numbers, bytes: changed }, SEED)
      const found = RECORDS.map(([key]) => batch?.find(key))
      expect(found.filter((record) => record?.isWhole === false)).toHaveLength(1)
      expect(found.filter((record) => record?.isWhole)).toHaveLength(RECORDS.length - 1)
    }
  })

  it('reads no record under a key that has become that of another', () => {
    const [written = NONE] = gathered([
      ['2', 'replaced by none'],
      ['6', 'another'],
    ])
    const bytes = Buffer.from(written.bytes)
    bytes[bytes.indexOf('2')] = '6'.charCodeAt(0)
    const batch = RecordBatch.of({ numbers: written.numbers, bytes }, SEED)
    expect(() => keysOf(batch)).toThrow(SyntaxError)
  })

  it('has none of its records where it is taken for another: checksums begin with whose they are', () => {
    const [written = NONE] = gathered(RECORDS, SEED + 1)
    const batch = RecordBatch.of(written, SEED)
    expect(batch?.find('0/ask')).toEqual({ key: '0/ask', body: '', isWhole: false })
  })

  it('is empty again when it was taken', () => {
    const gatherer = new BatchGatherer(SEED)
    gatherer.add('0', 'body')
    expect(gatherer.take()).toHaveLength(1)
    expect(gatherer.take()).toEqual([])
  })
})
