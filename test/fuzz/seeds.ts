import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The kept inputs of a target, one file each. */
export function seedsOf(target: string): readonly [string, ...string[]] {
  const folder = join(import.meta.dirname, 'seeds', target)
  const [first = '', ...others] = readdirSync(folder)
    .toSorted()
    .map((name) => readFileSync(join(folder, name), 'utf8'))
  return [first, ...others]
}
