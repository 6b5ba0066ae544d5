import type { TaskResult } from '@skein/client'
import { describe, expect, it } from 'vitest'
import { drawAnswers, drawNextSteps, introduceModel } from '../../src/views/demo.ts'

const plain = (_: unknown, text: string): string => text

function answer(output: string, speed?: number): TaskResult<unknown> {
  return {
    output,
    input: { instruction: 'Write a haiku' },
    task: 't',
    step: 'execute',
    node: 'greylag',
    peer: 'p',
    model: 'm',
    tokens: { input: 1, output: 2 },
    ms: 3,
    ...(speed === undefined ? {} : { tokensPerSecond: speed }),
  }
}

describe('the demonstration', () => {
  it('[D20] shows each answer below its instruction, with its node and tokens per second', () => {
    const text = drawAnswers([answer('Wild geese\nfly south\n', 312.4), answer('Home')], plain)
    expect(text).toMatchInlineSnapshot(`
      "1. Write a haiku
         Wild geese
         fly south
         — greylag, 312 tokens/s

      2. Write a haiku
         Home
         — greylag
      "
    `)
  })

  it('says plainly that the demonstration model is a toy', () => {
    const model = { name: 'skein-demo', demonstration: true }
    const text = introduceModel(model, ['greylag', 'brent'], 'Write\na haiku').join('\n')
    expect(text).toContain('it shows the network, not intelligence')
    expect(text).toContain('Nodes  greylag, brent')
    expect(text).toContain('Asked  Write a haiku')
  })

  it('names the model of a model server', () => {
    const model = { name: 'llama3.2:3b', demonstration: false }
    expect(introduceModel(model, ['greylag'], 'x').join('\n')).toContain(
      'Model  llama3.2:3b, of the model server on this machine.',
    )
  })

  it('suggests what is at hand next', () => {
    expect(drawNextSteps(plain, true)).toContain('npm start -- --instruction')
    expect(drawNextSteps(plain, true)).toContain('examples/haiku.ts')
    expect(drawNextSteps(plain, false)).toContain('npx skein demo --instruction')
    expect(drawNextSteps(plain, false)).not.toContain('examples/')
  })
})
