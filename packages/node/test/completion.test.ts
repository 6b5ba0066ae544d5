import { END, WorkflowBuilder } from '@skein/workflows'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { begin, single } from './executor-world.ts'
import { settled } from './hand-engine.ts'

describe('an execution that takes too long', () => {
  it('[D8] is aborted in the middle of a generation when the workflow’s time is over', async () => {
    const document = { ...single.document, limits: { maxTimeMs: 500 } }
    const { engine, execution, ended } = begin({ document })
    await settled()
    execution.look(499)
    expect(engine.at(0).signal.aborted).toBe(false)
    execution.look(500)
    expect(engine.at(0).signal.aborted).toBe(true)
    expect(await ended).toMatchObject({ ok: false, code: 'TIME_LIMIT', fault: 'task' })
  })

  it.each([
    ['does not begin', 0, 1000],
    ['falls silent', 1, 100],
  ])('is stopped when its model %s', async (_, words, ms) => {
    const { engine, execution, ended } = begin()
    await settled()
    for (let word = 0; word < words; word += 1) engine.at(0).say('x')
    await settled()
    execution.look(ms - 1)
    expect(engine.at(0).signal.aborted).toBe(false)
    execution.look(ms)
    expect(await ended).toMatchObject({
      ok: false,
      code: 'STALLED',
      retryable: true,
      fault: 'node',
    })
  })

  it('[D6] goes on at the fallback when a step takes longer than it may', async () => {
    const { document } = new WorkflowBuilder('careful', { topic: z.string() })
      .generativeStep({ id: 'try', prompt: '{{topic}}', timeoutMs: 200 })
      .generativeStep({
        id: 'plan-b',
        prompt: 'short {{topic}}',
        outputs: [{ type: 'write', key: 'try' }],
      })
      .edge('try', END, { fallback: 'plan-b' })
      .edge('plan-b', END)
      .setReturnValue('try')
      .build()
    const { engine, execution, ended } = begin({ document })
    await settled()
    execution.look(200)
    await settled()
    expect(engine.at(1).request.messages[0]?.content).toBe('short tea')
    engine.at(1).say('b')
    engine.at(1).finish()
    expect(await ended).toMatchObject({ ok: true, outcome: { output: 'b' } })
  })

  it('[N9] stops at once when told to, with what it is told', async () => {
    const { engine, execution, ended } = begin()
    await settled()
    const why = {
      ok: false,
      code: 'CANCELLED',
      message: 'no',
      retryable: false,
      fault: 'none',
    } as const
    execution.stop(why)
    expect(engine.at(0).signal.aborted).toBe(true)
    expect(await ended).toBe(why)
  })
})
