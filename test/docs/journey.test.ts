import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fences, ROOT } from './fences.ts'

describe('README.md', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')

  it('shows a journey whose stations exist', () => {
    const stations = Array.from(
      readme.matchAll(/^\| [①-⑧] .*`(packages\/[^`]+)`/gm),
      ([, file]) => file ?? '',
    )
    expect(stations).toHaveLength(8)
    expect(stations.filter((file) => !existsSync(join(ROOT, file)))).toEqual([])
  })

  it('[B8] shows example files as they are', () => {
    const shown = fences().filter(({ note }) => note.startsWith('examples/'))
    expect(shown.length).toBeGreaterThan(0)
    for (const { note, code } of shown) expect(code).toBe(readFileSync(join(ROOT, note), 'utf8'))
  })
})
