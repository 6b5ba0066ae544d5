import { describe, expect, it } from 'vitest'
import { CliError } from '../src/errors.ts'
import { explain } from '../src/explain.ts'

/** An error as another copy of a package would throw it. */
function coded(name: string, code: string): Error {
  return Object.assign(new TypeError('the message'), { name, code })
}

describe('an error', () => {
  it.each([
    ['USAGE', 2],
    ['UNREACHABLE', 3],
    ['FAILED', 1],
    ['INTERRUPTED', 130],
  ] as const)('of ours with %s exits with %d', (code, exitCode) => {
    expect(explain(new CliError(code, 'x', { mend: 'y' }))).toEqual({
      message: 'x',
      mend: 'y',
      exitCode,
      bug: false,
    })
  })

  it.each([
    ['WorkflowError', 'UNKNOWN_VARIABLE', 2],
    ['ProtocolError', 'INVALID_ADDRESS', 2],
    ['ProtocolError', 'WRONG_NETWORK', 3],
    ['ProtocolError', 'PEER_UNREACHABLE', 3],
    ['ProtocolError', 'ADDRESS_IN_USE', 1],
    ['EngineError', 'UNAVAILABLE', 3],
  ])('of a package, %s %s, is told as it is and exits with %d', (name, code, exitCode) => {
    expect(explain(coded(name, code))).toMatchObject({
      message: 'the message',
      exitCode,
      bug: false,
    })
  })

  it('of a run that somebody is at names it in the commands to copy', () => {
    const held = Object.assign(coded('RunError', 'RUN_HELD'), {
      message: "a process is at run 'r1'",
    })
    expect(explain(held).mend).toBe(
      'skein watch r1 shows how far it is; skein runs cancel r1 stops it.',
    )
    expect(explain(coded('RunError', 'RUN_HELD')).mend).toContain('skein watch ID')
    const ended = Object.assign(held, { message: "another process has ended run 'r1'" })
    expect(explain(ended).mend).toBe('skein runs show r1 shows how.')
  })

  it('of the system names the file', () => {
    const error = Object.assign(coded('Error', 'EACCES'), { path: '/root/x' })
    expect(explain(error)).toMatchObject({
      message: 'cannot use /root/x: permission denied',
      exitCode: 1,
      bug: false,
    })
  })

  it('that nobody foresaw is ours', () => {
    expect(explain(new TypeError('x is not a function'))).toMatchObject({ exitCode: 1, bug: true })
    expect(explain('text')).toMatchObject({ message: 'text', bug: true })
  })
})
