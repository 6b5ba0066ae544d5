import { basename } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compile } from './compile.ts'
import { fences } from './fences.ts'

describe('the programs of the documents', () => {
  it('[B8] compile', () => {
    const programs = fences().filter(({ language }) => language === 'ts')
    const files = programs.map(({ document, line, code }) => [
      `${basename(document, '.md')}-line-${line}.ts`,
      code,
    ])
    expect(files.length).toBeGreaterThan(0)
    expect(compile(Object.fromEntries(files))).toEqual({ status: 0, output: '' })
  })
})
