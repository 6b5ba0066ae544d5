import { checkWorkflow, fromDria, toDria } from '@skein/workflows'
import { describe, expect, it } from 'vitest'
import { parseAnswerScript } from '../../src/answer-script.ts'
import { runScripted } from '../../src/scripted-world.ts'
import { FLOWS } from './flows.ts'
import type { Case } from './parts.ts'
import { TOOLS } from './tools.ts'
import { VALUES } from './values.ts'

const CASES: readonly Case[] = [...FLOWS, ...VALUES, ...TOOLS]

describe('a workflow for Dria', () => {
  it('comes in many forms', () => {
    expect(CASES.length).toBeGreaterThanOrEqual(25)
  })

  describe.each(CASES)('$title', ({ document, input = {}, answers, ...expected }) => {
    it('[D14] has no mistake', () => {
      const errors = checkWorkflow(document).filter(({ severity }) => severity === 'error')
      expect(errors).toEqual([])
    })

    it('[D14] runs with the right steps, prompts and output', async () => {
      const own = fromDria(document)
      const script = parseAnswerScript(answers, own, 'answers.json')
      const run = await runScripted(own, input, { script, trace: true })
      if (!run.ok) throw run.error
      const { output, steps, trace } = run.outcome
      expect({ output, steps }).toEqual({ output: expected.output, steps: expected.steps })
      const prompts = trace.map(({ prompt }) => prompt)
      expect(prompts).toEqual(expected.prompts ?? prompts)
    })

    it('[D14] runs the same after a way out and in again', async () => {
      const again = fromDria(toDria(fromDria(document), input))
      const script = parseAnswerScript(answers, again, 'answers.json')
      const run = await runScripted(again, input, { script })
      expect(run.ok && run.outcome).toMatchObject({
        output: expected.output,
        steps: expected.steps,
      })
    })
  })
})
