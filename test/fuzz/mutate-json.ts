import { mutateText, type TextStock } from './mutate-text.ts'
import type { Random } from './random.ts'

/** A place in a JSON value: what holds it, and under which key. */
interface Place {
  readonly holder: Record<string, unknown> | unknown[]
  readonly key: string | number
}

/** Values that readers of JSON have stumbled over. */
const ODD: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  0.5,
  1e21,
  Number.MAX_SAFE_INTEGER,
  '',
  ' ',
  '__proto__',
  'constructor',
  '_end',
  '__end',
  [],
  {},
  [[]],
  { type: 'read', key: 'x' },
  { $ref: '#' },
  { anyOf: [{ $ref: '#' }, { type: 'string' }] },
]

/** Most places of a value that are looked at. */
const MAX_PLACES = 400

/** A seed that was changed in a few places: parts are replaced, moved, doubled, left out, nested. */
export function makeJson(
  random: Random,
  seeds: readonly [string, ...string[]],
  stock: TextStock,
): string {
  const root: unknown[] = [parsed(random.pick(seeds))]
  for (let change = 1 + random.below(3); change > 0; change -= 1) {
    const place = random.pick(placesIn(root))
    if (place !== undefined) mutatePlace(random, place, { seeds, stock })
  }
  const text = JSON.stringify(root[0]) ?? 'null'
  return random.oneIn(30) ? mutateText(random, text, stock) : text
}

interface Sources {
  readonly seeds: readonly [string, ...string[]]
  readonly stock: TextStock
}

type Mutation = (random: Random, place: Place, sources: Sources) => void

const MUTATIONS: readonly [Mutation, ...Mutation[]] = [
  (random, place) => set(place, structuredClone(random.pick(ODD))),
  function leaveOut(_, { holder, key }) {
    if (Array.isArray(holder)) holder.splice(Number(key), 1)
    else Reflect.deleteProperty(holder, key)
  },
  function takeFromSeed(random, place, { seeds }) {
    const other = random.pick(placesIn([parsed(random.pick(seeds))]))
    if (other !== undefined) set(place, get(other))
  },
  function double(random, { holder, key }) {
    const copy = structuredClone(get({ holder, key }))
    if (Array.isArray(holder)) holder.splice(Number(key), 0, copy)
    else holder[`${key}${random.below(3)}`] = copy
  },
  function doubleOften(random, { holder, key }) {
    if (!Array.isArray(holder) || holder.length > 50) return
    const copies = Array.from({ length: 1 + random.below(60) }, () => get({ holder, key }))
    holder.splice(Number(key), 0, ...structuredClone(copies))
  },
  function nest(random, place) {
    let value = get(place)
    for (let level = random.below(60); level >= 0; level -= 1)
      value = random.oneIn(2) ? [value] : { items: value }
    set(place, value)
  },
  changeScalar,
  changeScalar,
  changeScalar,
  changeScalar,
]

function mutatePlace(random: Random, place: Place, sources: Sources): void {
  random.pick(MUTATIONS)(random, place, sources)
}

/** Another text or number of the kind: a text from elsewhere in the document often names something there. */
function changeScalar(random: Random, place: Place, { seeds, stock }: Sources): void {
  const value = get(place)
  if (typeof value === 'number') set(place, value + random.below(5) - 2)
  else if (typeof value === 'boolean') set(place, !value)
  else if (typeof value === 'string' && random.oneIn(2)) {
    set(place, mutateText(random, value, stock).slice(0, 4096))
  } else if (typeof value === 'string') {
    const texts = placesIn([parsed(random.pick(seeds))])
      .map(get)
      .filter((found) => typeof found === 'string')
    set(place, random.pick(texts) ?? '')
  }
}

function placesIn(root: readonly unknown[]): readonly Place[] {
  const found: Place[] = []
  const open: unknown[] = [root]
  for (let holder = open.pop(); holder !== undefined; holder = open.pop()) {
    if (!isHolder(holder) || found.length > MAX_PLACES) continue
    for (const key of Object.keys(holder)) {
      found.push({ holder, key })
      open.push(get({ holder, key }) ?? 0)
    }
  }
  return found
}

function isHolder(value: unknown): value is Place['holder'] {
  return typeof value === 'object' && value !== null
}

function get({ holder, key }: Place): unknown {
  return Reflect.get(holder, key)
}

function set({ holder, key }: Place, value: unknown): void {
  Reflect.set(holder, key, value)
}

function parsed(text: string): unknown {
  const value: unknown = JSON.parse(text)
  return value
}
