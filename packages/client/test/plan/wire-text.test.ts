import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { graph, pipeline, plans, step } from '../../src/index.ts'
import { namesIn, wiringFrom, wiringToJson } from '../../src/plan/wire-text.ts'
import { withClient } from '../local-plans.ts'

const ODD = ['input', 'my.step', '$', '$input', 'a\\b', '\\', '\\input', '..', ' ', 'line\nbreak']

describe('a wire as text', () => {
  it('[P8] is read back to the same step and field, whatever they are named', () => {
    const places = new Map(ODD.map((name, place) => [name, place]))
    for (const part of ODD.keys()) {
      for (const path of [[], ...ODD.map((name) => [name]), ODD, ['']]) {
        const wiring = { kind: 'part', part, path } as const
        const text = wiringToJson(wiring, ODD)
        expect(wiringFrom(text, places, 'wire')).toEqual(wiring)
        expect(namesIn(text)).toEqual([ODD[part]])
      }
      const input = { kind: 'input', path: [ODD[part] ?? '', 'x'] } as const
      expect(wiringFrom(wiringToJson(input, ODD), places, 'wire')).toEqual(input)
    }
  })

  it('[P8] is a plain one where the names are plain', () => {
    const names = ['load', 'a-2']
    expect(wiringToJson({ kind: 'input', path: ['a', 'b c'] }, names)).toBe('$input.a.b c')
    expect(wiringToJson({ kind: 'part', part: 1, path: ['input', '$x'] }, names)).toBe(
      '$a-2.input.$x',
    )
  })
})

describe('a graph as JSON', () => {
  const dotted = step({
    name: 'dotted',
    input: z.number(),
    output: z.object({ 'a.b': z.number() }),
    run: (n) => ({ 'a.b': n + 1 }),
  })
  const double = step({ name: 'double', input: z.number(), output: z.number(), run: (n) => n * 2 })
  const odd = pipeline('odd', { n: z.number() }).step(
    graph('g', { input: z.object({ n: z.number() }) }, (g, input) => {
      const first = g(dotted, input.n, { name: 'input' })
      const second = g(double, first['a.b'], { name: 'my.step' })
      return { input, first, second, third: g(double, second, { name: '$third' }), text: '$input' }
    }),
  )

  it('[P8] gives what the graph gives, also with steps and fields named as references are', async () => {
    const json: unknown = JSON.parse(JSON.stringify(odd))
    const read = plans.fromJson(json, { dotted, double })
    expect(read.toJSON()).toEqual(json)
    const outputs = await withClient(async (client) => {
      const before = await client.run(odd, { n: 1 })
      return [before.output, (await client.run(read, { n: 1 })).output]
    })
    const first = { 'a.b': 2 }
    const output = { input: { n: 1 }, first, second: 4, third: 8, text: '$input' }
    expect(outputs).toEqual([output, output])
  })
})
