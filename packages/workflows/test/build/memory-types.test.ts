import { describe, expect, it } from 'vitest'
import {
  GetAll,
  Insert,
  Peek,
  Pop,
  Push,
  Read,
  Size,
  Text,
  WholeInput,
  Write,
} from '../../src/index.ts'

describe('a way to read or write memory', () => {
  it('[D2] is data', () => {
    expect([Read('a'), Pop('a'), Peek('a', 2), GetAll('a'), Size('a')]).toEqual([
      { type: 'read', key: 'a' },
      { type: 'pop', key: 'a' },
      { type: 'peek', key: 'a', index: 2 },
      { type: 'get_all', key: 'a' },
      { type: 'size', key: 'a' },
    ])
    expect([Text('a'), WholeInput()]).toEqual([{ type: 'string', value: 'a' }, { type: 'input' }])
    expect([Write('a'), Push('a'), Insert('a')]).toEqual([
      { type: 'write', key: 'a' },
      { type: 'push', key: 'a' },
      { type: 'insert', key: 'a' },
    ])
  })
})
