import { isPlain } from '../guards.ts'

const makers = new WeakMap<readonly string[], (row: unknown) => unknown>()

/** Zod takes what every object has, as `constructor`, for a column of that name: it is given rows that have nothing but their own. */
export function ownColumns(row: unknown, names: readonly string[] | undefined): unknown {
  if (!names) return row
  let make = makers.get(names)
  if (!make) makers.set(names, (make = makerFor(names)))
  return make(row)
}

function makerFor(names: readonly string[]): (row: unknown) => unknown {
  if (!names.some((name) => name in Object.prototype)) return (row) => row
  return (row) => (isPlain(row) ? { __proto__: null, ...row } : row)
}
