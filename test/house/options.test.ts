import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const PACKAGES = ['workflows', 'protocol', 'node', 'client']

/** What may be said, and what is written to be made: `interface RunOptions … { … }`. */
const INTERFACE = /^export interface (\w*(?:Options|Definition|Stack))\b[^{}]*\{\n([\s\S]*?)^\}/gm
const MEMBER = /^ {2}(?:readonly )?(\w+)\??[:(]/gm

/** Options that no test says, and why. */
const UNSAID = new Set([
  // They need a network of several machines.
  'ConnectOptions.mdns',
  // Said by Client.connect alone, whose test finds nodes that come later.
  'ClientOptions.neighbours',
  // What comes of it shows in the memory of another program.
  'OllamaOptions.keepAlive',
])

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

/** Names that the package exports. */
function exportsOf(name: string): ReadonlySet<string> {
  const index = read(`packages/${name}/src/index.ts`)
  return new Set(Array.from(index.matchAll(/\w+/g), ([word]) => word))
}

/** The options of a package that others see. */
function optionsOf(name: string): string[] {
  const exported = exportsOf(name)
  return globSync(`packages/${name}/src/**/*.ts`, { cwd: ROOT }).flatMap((file) =>
    Array.from(read(file).matchAll(INTERFACE)).flatMap(([, type = '', body = '']) => {
      if (!exported.has(type)) return []
      return Array.from(body.matchAll(MEMBER), ([, option = '']) => `${type}.${option}`)
    }),
  )
}

const tests = globSync(['packages/*/test/**/*.ts', 'test/**/*.ts'], { cwd: ROOT })
  .filter((file) => !file.includes('node_modules') && !file.endsWith('options.test.ts'))
  .map(read)

describe.each(PACKAGES)('package %s', (name) => {
  it('[F24] has no option that no test says', () => {
    const options = optionsOf(name)
    expect(options.length).toBeGreaterThan(0)
    const unsaid = options.filter((path) => {
      const [, option = ''] = path.split('.')
      if (UNSAID.has(path)) return false
      const said = new RegExp(`\\b${option}\\b(?::|\\(| ?[,}])`)
      return !tests.some((text) => said.test(text))
    })
    expect(unsaid).toEqual([])
  })
})
