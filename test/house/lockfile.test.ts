import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const LOCKFILES = globSync('**/package-lock.json', {
  cwd: ROOT,
  exclude: (name) => name === 'node_modules',
})

it.each(LOCKFILES)('%s names no address to download from', (file) => {
  expect(readFileSync(join(ROOT, file), 'utf8')).not.toMatch(/"resolved":\s*"[a-z+]+:\/\//)
})
