import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach } from 'vitest'

/** A folder of its own for each test of the suite, removed after it. */
export function temporaryFolder(): (name?: string) => string {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'skein-'))
  })
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true })
  })
  return (name = '') => path.join(folder, name)
}
