import { WorkflowBuilder, type Answer } from '@skein/workflows'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { EngineError } from '../src/engines/engine.ts'
import { Execution } from '../src/executor.ts'
import { Speed } from '../src/speed.ts'
import { Toolbox } from '../src/tools/toolbox.ts'
import { begin, double, single } from './executor-world.ts'
import { FINISH, HandEngine, settled } from './hand-engine.ts'

describe('an execution', () => {
  it('walks the workflow over the engine and gives what it came to', async () => {
    const { engine, ended } = begin({ document: double.document })
    await settled()
    expect(engine.at(0).request.messages).toEqual([{ role: 'user', content: 'Draft tea' }])
    engine.at(0).say('warm ', 'leaves')
    engine.at(0).finish()
    await settled()
    expect(engine.at(1).request.messages).toEqual([
      { role: 'user', content: 'Improve warm leaves' },
    ])
    engine.at(1).say('better')
    engine.at(1).finish()
    expect(await ended).toMatchObject({
      ok: true,
      outcome: { output: 'better', steps: ['draft', 'final'], usage: { input: 6, output: 4 } },
      model: { info: { name: 'm' } },
    })
  })

  it('[D34] adds up the four times of all its steps', async () => {
    const { engine, ended } = begin({ document: double.document })
    for (const index of [0, 1]) {
      await settled()
      engine.at(index).say('x')
      engine.at(index).finish()
    }
    expect(await ended).toMatchObject({
      timing: { queueMs: 2, loadMs: 4, promptMs: 6, generateMs: 8 },
    })
  })

  it('[D34] measures prompt and generation itself where the engine tells nothing', async () => {
    const { world, engine, ended } = begin()
    await settled()
    world.now = 30
    engine.at(0).say('x')
    await settled()
    world.now = 80
    engine.at(0).finish({ timing: { queueMs: 0, loadMs: 10, promptMs: 0, generateMs: 0 } })
    expect(await ended).toMatchObject({ timing: { loadMs: 10, promptMs: 20, generateMs: 50 } })
  })

  it('[D8] leaves the model what is left of its context, and no less than a quarter', async () => {
    const short = begin()
    const long = begin({ input: { topic: 'x'.repeat(2900) } })
    await settled()
    expect(short.engine.at(0).request.maxTokens).toBe(986)
    expect(long.engine.at(0).request.maxTokens).toBe(250)
  })

  it('[D8] passes a limit of the workflow on as it is', async () => {
    const document = { ...single.document, limits: { maxTokens: 7 } }
    const { engine } = begin({ document })
    await settled()
    expect(engine.at(0).request.maxTokens).toBe(7)
  })

  it('[D10] hands the schema to a model that can be constrained, and to no other', async () => {
    const { document } = new WorkflowBuilder('list', { topic: z.string() })
      .generativeStep({ id: 'list', prompt: 'List {{topic}}', schema: z.array(z.string()) })
      .setReturnValue('list')
      .build()
    const able = begin({ document })
    const unable = begin({ document }, { capabilities: ['chat'] })
    await settled()
    expect(able.engine.at(0).request.schema).toMatchObject({ type: 'array' })
    expect(unable.engine.at(0).request.schema).toBeUndefined()
    able.engine.at(0).say('no list')
    able.engine.at(0).finish()
    await settled()
    expect(able.engine.at(1).request.messages).toHaveLength(3)
    able.engine.at(1).say('["green"]')
    able.engine.at(1).finish()
    expect(await able.ended).toMatchObject({ ok: true, outcome: { output: ['green'] } })
  })

  it('gives the model a seed made of the task’s', async () => {
    const [one, same, other] = [begin({ seed: 1 }), begin({ seed: 1 }), begin({ seed: 2 })]
    await settled()
    const seeds = [one, same, other].map(({ engine }) => engine.at(0).request.sampling?.seed)
    expect(seeds[0]).toBe(seeds[1])
    expect(seeds[0]).not.toBe(seeds[2])
  })

  it('[N7] asks nothing again that a checkpoint answers', async () => {
    const answers: Answer[] = [
      {
        kind: 'completion',
        text: 'an old draft',
        model: 'elsewhere',
        finishReason: 'stop',
        usage: { input: 1, output: 1 },
        ms: 5,
      },
    ]
    const { engine, ended } = begin({ document: double.document, checkpoint: { answers } })
    await settled()
    expect(engine.at(0).request.messages[0]?.content).toBe('Improve an old draft')
    engine.at(0).say('new')
    engine.at(0).finish()
    expect(await ended).toMatchObject({ ok: true, outcome: { output: 'new' } })
  })

  it('[D15] asks the node for the models of a step', async () => {
    const { document } = new WorkflowBuilder('own', { topic: z.string() })
      .generativeStep({ id: 'a', prompt: '{{topic}}', model: ['big', 'small'] })
      .setReturnValue('a')
      .build()
    const { world } = begin({ document })
    await settled()
    expect(world.asked).toEqual([['big', 'small']])
  })

  it('[D16] brings the trace when asked', async () => {
    const { engine, ended } = begin({ trace: true })
    await settled()
    engine.at(0).say('x')
    engine.at(0).finish()
    expect(await ended).toMatchObject({
      outcome: { trace: [{ step: 'poem', prompt: 'A poem about tea', answer: 'x' }] },
    })
  })
})

describe('an execution that fails', () => {
  it.each([
    ['CRASHED', true, 'node'],
    ['BAD_RESPONSE', true, 'node'],
    ['MODEL_MISSING', true, 'node'],
    ['CONTEXT_OVERFLOW', false, 'task'],
    ['SCHEMA_UNSUPPORTED', false, 'task'],
  ] as const)('for %s says whose fault it is', async (code, retryable, fault) => {
    const { engine, ended } = begin()
    await settled()
    engine.at(0).fail(new EngineError(code, 'what happened'))
    const failed = await ended
    expect(failed).toMatchObject({ ok: false, code, retryable, fault })
    expect(failed.ok ? '' : failed.message).toContain('what happened')
  })

  it('[N9] comes to what it was stopped with, even if its engine will not stop', async () => {
    const { engine, execution, ended } = begin()
    const gate = Promise.withResolvers<void>()
    engine.generate = async function* () {
      await gate.promise
      yield FINISH
    }
    await settled()
    const why = {
      ok: false,
      code: 'CANCELLED',
      message: '',
      retryable: false,
      fault: 'none',
    } as const
    execution.stop(why)
    gate.resolve()
    expect(await ended).toBe(why)
  })

  it('says so when an engine ends without a finish', async () => {
    const engine = new HandEngine({ name: 'm' })
    engine.generate = async function* () {
      yield { type: 'text', text: 'half' }
    }
    const [info] = await engine.models()
    if (info === undefined) throw new Error('no model')
    const lent = { info, engine, speed: new Speed() }
    const execution = new Execution(
      { document: single.document, input: { topic: 'tea' } },
      {
        now: () => 0,
        patience: { firstTokenMs: 1, betweenTokensMs: 1 },
        toolbox: new Toolbox(),
        embedder: () => undefined,
        borrow: () => undefined,
        model: () => lent,
      },
    )
    expect(await execution.run()).toMatchObject({ ok: false, code: 'BAD_RESPONSE' })
  })

  it('names the input that does not fit, and calls it the task’s fault', async () => {
    const { engine, ended } = begin({ input: { topic: 3 } })
    const failed = await ended
    expect(failed).toMatchObject({
      ok: false,
      code: 'INVALID_INPUT',
      retryable: false,
      fault: 'task',
    })
    expect(failed.ok ? '' : failed.message).toContain('topic')
    expect(engine.requests).toEqual([])
  })

  it('does not even ask the model about a prompt that cannot fit', async () => {
    const { engine, ended } = begin({ input: { topic: 'x'.repeat(40_000) } })
    const failed = await ended
    expect(failed).toMatchObject({ ok: false, code: 'CONTEXT_OVERFLOW' })
    expect(failed.ok ? '' : failed.message).toMatch(/4\d{4} characters.*1000 tokens/)
    expect(engine.requests).toEqual([])
  })

  it('[N16] says nothing of what a broken checkpoint holds', async () => {
    const answer = { kind: 'completion', text: 'secret' } as const
    // @ts-expect-error what a stranger may send
    const failed = await begin({ checkpoint: { answers: [answer] } }).ended
    expect(failed).toMatchObject({ ok: false })
    expect(JSON.stringify(failed)).not.toContain('secret')
  })
})

describe('the news of an execution', () => {
  it('[N7] is what came since the last time: text, tokens, answers', async () => {
    const { engine, execution, ended } = begin({ document: double.document })
    expect(execution.news()).toBeUndefined()
    await settled()
    engine.at(0).say('warm ')
    await settled()
    expect(execution.news()).toEqual({ tokens: 1, step: 'draft', text: 'warm ', answers: [] })
    expect(execution.news()).toBeUndefined()
    engine.at(0).say('leaves')
    engine.at(0).finish()
    await settled()
    engine.at(1).say('bet')
    await settled()
    expect(execution.news()).toMatchObject({
      tokens: 3,
      step: 'final',
      text: 'bet',
      answers: [{ kind: 'completion', text: 'warm leaves' }],
    })
    engine.at(1).say('ter')
    await settled()
    expect(execution.news()).toEqual({ tokens: 4, step: 'final', text: 'ter', answers: [] })
    engine.at(1).finish()
    await ended
  })
})
