import { describe, expect, it } from 'vitest'
import { repeatedNameIn } from '../../src/document/repeated-name.ts'

describe('a name that stands twice in an object', () => {
  it.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"x":{"a":1,"b":{"c":[{"d":1,"d":2}]}}}', 'd'],
    ['{"a":1,"\\u0061":2}', 'a'],
    ['{"say \\"hi\\"":1,"say \\"hi\\"":2}', 'say "hi"'],
    ['{"":1,"":2}', ''],
  ])('[P5] is found: %s', (text, name) => {
    expect(repeatedNameIn(text)).toBe(name)
  })

  it.each([
    '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}',
    '{"a":"{\\"b\\":1,\\"b\\":2}","c":": \\\\"}',
    '[1,"a","a"]',
    '"a"',
    '{}',
  ])('[P5] is not seen where none does: %s', (text) => {
    expect(repeatedNameIn(text)).toBeUndefined()
  })
})
