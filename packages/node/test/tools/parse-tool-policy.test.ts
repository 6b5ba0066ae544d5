import { describe, expect, it } from 'vitest'
import { parseToolPolicy } from '../../src/tools/parse-tool-policy.ts'

describe('the rules of an owner as JSON', () => {
  it('[D13] are hosts, limits and nothing else', () => {
    const policy = {
      hosts: [
        { host: 'api.example.com' },
        {
          host: '*.example.org',
          port: 8443,
          methods: ['GET', 'POST'],
          insecure: true,
          headers: { authorization: 'Bearer x' },
        },
      ],
      maxBytes: 1000,
      timeoutMs: 500,
    }
    expect(parseToolPolicy(policy)).toEqual(policy)
    expect(parseToolPolicy({})).toEqual({})
  })

  it.each([
    ['a whole address', { hosts: [{ host: 'https://api.example.com' }] }, 'hosts[0].host'],
    ['a path', { hosts: [{ host: 'api.example.com/x' }] }, 'hosts[0].host'],
    ['every host', { hosts: [{ host: '*' }] }, 'hosts[0].host'],
    ['a star in the middle', { hosts: [{ host: 'api.*.com' }] }, 'hosts[0].host'],
    ['an unknown method', { hosts: [{ host: 'a.b', methods: ['BREW'] }] }, 'hosts[0].methods[0]'],
    ['no method', { hosts: [{ host: 'a.b', methods: [] }] }, 'hosts[0].methods'],
    ['a port that is none', { hosts: [{ host: 'a.b', port: 0 }] }, 'hosts[0].port'],
    ['an answer larger than a frame', { maxBytes: 1e9 }, 'maxBytes'],
    ['an unknown key', { host: [] }, '"host"'],
    ['no object', [], 'expected object'],
  ])('[D13] are refused with %s, saying where', (_, json, where) => {
    const parse = () => parseToolPolicy(json)
    expect(parse).toThrow(where)
    expect(parse).toThrow(expect.objectContaining({ code: 'INVALID_POLICY' }))
  })

  it('[N16] are refused without a word of the keys in them', () => {
    const json = { hosts: [{ host: 'a/b', headers: { authorization: 'Bearer secret' } }] }
    expect(() => parseToolPolicy(json)).toThrow(/^((?!secret)[^])*$/)
  })
})
