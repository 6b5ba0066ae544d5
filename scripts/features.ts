// Lists the rows of docs/features.md with the tests that name them: `npm run features [-- --missing]`.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const ROW = /^([A-Z]\d+)\. (.*)$/gm
const TITLE = /\b(?:it|test|describe)(?:\.\w+(?:\([^)]*\))?)*\(\s*['"`]((?:\[[A-Z]\d+\]\s*)+)/g

const tests = new Map<string, Set<string>>()
for (const file of globSync(['packages/*/test/**/*{.test,-contract}.ts', 'test/**/*.test.ts'], {
  cwd: ROOT,
})) {
  for (const [, rows = ''] of readFileSync(join(ROOT, file), 'utf8').matchAll(TITLE)) {
    for (const row of rows.match(/[A-Z]\d+/g) ?? []) {
      tests.set(row, (tests.get(row) ?? new Set()).add(relative(ROOT, join(ROOT, file))))
    }
  }
}

const rows = [...readFileSync(join(ROOT, 'docs/features.md'), 'utf8').matchAll(ROW)]
const onlyMissing = process.argv.includes('--missing')
for (const [, row = '', text = ''] of rows) {
  const files = tests.get(row)
  if (onlyMissing && files !== undefined) continue
  console.log(`${files === undefined ? '·' : '✓'} ${row.padEnd(4)} ${text}`)
  for (const file of files ?? []) console.log(`       ${file}`)
}
const covered = rows.filter(([, row = '']) => tests.has(row)).length
console.log(
  `\n${covered} of ${rows.length} rows are named by a test, some of which cover a part of theirs only.`,
)

const known = new Set(rows.map(([, row]) => row))
const unknown = [...tests.keys()].filter((row) => !known.has(row))
if (unknown.length > 0) {
  console.error(`Tests name rows that docs/features.md lacks: ${unknown.join(', ')}`)
  process.exitCode = 1
}
