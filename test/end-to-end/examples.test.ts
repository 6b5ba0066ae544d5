import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Home, ROOT } from './skein.ts'

describe('the examples', () => {
  it('[D20] haiku: one instruction becomes five, each carried out', async () => {
    await using home = await Home.create()
    const instruction = 'instruction=Write a haiku about the moon'
    const { code, out } = await home.run([
      'run',
      'examples/haiku.ts',
      '--local',
      '--input',
      instruction,
    ])
    expect(code).toBe(0)
    expect(new Set(out.trim().split('\n\n')).size).toBe(5)
  })

  it('sentiment: every row of a file gains a verdict', async () => {
    await using home = await Home.create()
    const rows = ['--inputs', 'examples/reviews.jsonl']
    const { code, out } = await home.run(['run', 'examples/sentiment.ts', '--local', ...rows])
    expect(code).toBe(0)
    const verdicts = out
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line))
    expect(verdicts).toMatchObject([
      { verdict: { subject: 'food', sentiment: 'positive' } },
      { verdict: { subject: 'hotel', sentiment: 'negative' } },
      { verdict: { subject: 'phone', sentiment: 'neutral' } },
      { verdict: { sentiment: 'positive' } },
    ])
  })

  it('haiku is what the demonstration runs', async () => {
    const example = await readFile(join(ROOT, 'examples/haiku.ts'), 'utf8')
    expect(example.trimEnd().split('\n').length).toBeLessThanOrEqual(25)
    expect(await readFile(join(ROOT, 'packages/cli/src/demo/haiku.ts'), 'utf8')).toBe(example)
  })
})
