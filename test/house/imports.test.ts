import { globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const IMPORT = /\b(?:from|import)\s+['"]([^'"$]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g

/** Who may import whom: workflows ← protocol ← client and node ← cli. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  workflows: [],
  protocol: ['workflows'],
  client: ['workflows', 'protocol'],
  node: ['workflows', 'protocol'],
  cli: ['workflows', 'protocol', 'client', 'node'],
}

function importsOf(file: string): string[] {
  const source = readFileSync(join(ROOT, file), 'utf8')
  return Array.from(source.matchAll(IMPORT), ([, named, dynamic]) => named ?? dynamic ?? '')
}

function filesOf(name: string): string[] {
  return globSync(`packages/${name}/src/**/*.ts`, { cwd: ROOT })
}

describe.each(Object.entries(MAY_IMPORT))('package %s', (name, allowed) => {
  it('imports only the packages below it', () => {
    const wrong = filesOf(name).flatMap((file) =>
      importsOf(file)
        .filter((path) => path.startsWith('@skein/'))
        .filter((path) => !allowed.includes(path.slice('@skein/'.length)))
        .map((path) => `${file} imports ${path}`),
    )
    expect(wrong).toEqual([])
  })

  it('declares what it imports', () => {
    const manifest = JSON.parse(
      readFileSync(join(ROOT, `packages/${name}/package.json`), 'utf8'),
    ) as { dependencies?: object; peerDependencies?: object }
    const declared = new Set([
      ...Object.keys(manifest.dependencies ?? {}),
      ...Object.keys(manifest.peerDependencies ?? {}),
    ])
    const wrong = filesOf(name).flatMap((file) =>
      importsOf(file)
        .filter((path) => !path.startsWith('.') && !path.startsWith('node:'))
        .map((path) =>
          path
            .split('/')
            .slice(0, path.startsWith('@') ? 2 : 1)
            .join('/'),
        )
        .filter((path) => !declared.has(path))
        .map((path) => `${file} imports ${path}`),
    )
    expect(wrong).toEqual([])
  })

  it('uses every dependency that it declares', () => {
    const manifest = JSON.parse(
      readFileSync(join(ROOT, `packages/${name}/package.json`), 'utf8'),
    ) as { dependencies?: object }
    const used = new Set(
      filesOf(name)
        .flatMap(importsOf)
        .map((path) =>
          path
            .split('/')
            .slice(0, path.startsWith('@') ? 2 : 1)
            .join('/'),
        ),
    )
    expect(Object.keys(manifest.dependencies ?? {}).filter((path) => !used.has(path))).toEqual([])
  })

  it('climbs at most one folder and reaches into no other package', () => {
    const wrong = filesOf(name).flatMap((file) =>
      importsOf(file)
        .filter((path) => path.startsWith('.'))
        .filter(
          (path) =>
            path.startsWith('../../') ||
            !resolve(ROOT, dirname(file), path).startsWith(join(ROOT, `packages/${name}/src/`)),
        )
        .map((path) => `${file} imports ${path}`),
    )
    expect(wrong).toEqual([])
  })
})

it('the language is pure: workflows imports no Node built-in', () => {
  const wrong = filesOf('workflows').filter((file) =>
    importsOf(file).some((path) => path.startsWith('node:')),
  )
  expect(wrong).toEqual([])
})
