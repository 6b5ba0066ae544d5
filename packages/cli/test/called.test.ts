import { expect, it } from 'vitest'
import { calledAs } from '../src/called.ts'

it('is called as it was started, so that a mend can be copied', () => {
  expect(calledAs({ npm_command: 'exec' })).toBe('npx skein')
  expect(calledAs({ npm_command: 'run-script' })).toBe('skein')
  expect(calledAs({})).toBe('skein')
})
