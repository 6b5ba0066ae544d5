import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { plans, step } from '../../src/index.ts'
import { withClient } from '../local-plans.ts'

const mood = step({
  name: 'mood',
  input: z.object({ text: z.string() }),
  output: z.string(),
  run: () => 'good',
})
const registry = { mood }

describe('data that is no pipeline', () => {
  it.each<[string, object, string]>([
    ['keys', { wat: 1 }, 'wat is unknown here'],
    [
      'keys of a step, with all that there may be',
      { steps: [{ step: 'mood', wat: 1 }] },
      'steps[0].wat is unknown here; there may be step, version, models, with, when, as, fallback, route, ' +
        'concurrency, retries, retry, timeout, minSuccessRatio, failFast, cache',
    ],
    [
      'keys of a step of a graph, with its wires',
      {
        steps: [{ graph: { steps: [{ step: 'mood', wire: '$input', wat: 1 }], output: '$mood' } }],
      },
      'steps[0].graph.steps[0].wat is unknown here; there may be step, name, wire, on, version',
    ],
    ['keys of a step', { steps: [{ step: 'mood', retrys: 1 }] }, 'steps[0].retrys is unknown here'],
    [
      'keys of a branch',
      { steps: [{ parallel: { a: { steps: [{ step: 'mood', wat: 1 }] } } }] },
      'steps[0].parallel.a.steps[0].wat is unknown here',
    ],
    ['verbs', { steps: [{ do: 'it' }] }, 'steps[0] says none of'],
    ['steps', { steps: [{ step: 'nobody' }] }, "steps[0].step names 'nobody'"],
    ['functions', { steps: [{ map: 'nothing' }] }, "steps[0].map names 'nothing'"],
    [
      'functions that are none',
      { steps: [{ map: 'mood' }] },
      "steps[0].map is 'mood', which is no function",
    ],
    ['schemas', { input: { a: 'strings' } }, "input.a is 'strings'"],
    ['options of another type', { steps: [{ step: 'mood', concurrency: 0 }] }, 'steps[0]: '],
    ['versions', { steps: [{ step: 'mood', version: '2' }] }, "brings version '1' of 'mood'"],
    ['workflows', { steps: [{ workflow: { name: 'x' } }] }, 'steps[0].workflow: '],
    ['lists', { steps: 3 }, 'steps must be a list of steps'],
    [
      'forms of aggregate',
      { steps: [{ broadcast: 2 }, { aggregate: { by: 'text' } }] },
      'steps[1].aggregate must be true; by or size may stand beside it',
    ],
    [
      'denials of aggregate',
      { steps: [{ broadcast: 2 }, { aggregate: false }] },
      'steps[1].aggregate must be true',
    ],
    [
      'columns for copies',
      { steps: [{ broadcast: 2, as: 'k' }] },
      'steps[0].as names the column for a list of values',
    ],
    [
      'columns that are no names',
      { steps: [{ broadcast: ['a'], as: 5 }] },
      'steps[0].as names the column for a list of values',
    ],
    [
      'keys beside a function that groups',
      { steps: [{ broadcast: 2 }, { aggregate: true, by: { function: 'mood', x: 1 } }] },
      'steps[1].by.x is unknown here',
    ],
    [
      'keys beside a function that chooses models',
      { steps: [{ step: 'mood', models: { function: 'mood', x: 1 } }] },
      'steps[0].models.x is unknown here',
    ],
    [
      'keys beside a function that chooses a pipeline',
      { steps: [{ pipe: { function: 'mood', x: 1 } }] },
      'steps[0].pipe.x is unknown here',
    ],
    [
      '[F24] kinds of failFast',
      { steps: [{ step: 'mood', failFast: 'no' }] },
      'steps[0].failFast must be true or false, not "no"',
    ],
    [
      '[F24] kinds of jitter',
      { steps: [{ step: 'mood', retry: { attempts: 2, jitter: 'no' } }] },
      'steps[0].retry.jitter must be true or false, not "no"',
    ],
    [
      '[F24] kinds of concurrency',
      { steps: [{ parallel: { a: 'mood' }, concurrency: '5' }] },
      'steps[0].concurrency must be a number, not "5"',
    ],
    [
      '[F24] kinds of each',
      { steps: [{ parallel: { a: 'mood' }, combined: { a: 'string' }, as: 'k', each: 'false' }] },
      'steps[0].each must be true or false, not "false"',
    ],
    [
      'graphs that give nothing',
      { steps: [{ graph: { steps: [{ step: 'mood', wire: '$input' }] } }] },
      'steps[0].graph.output must say what the graph gives',
    ],
    [
      '[P4] combined schemas that lack a branch',
      { steps: [{ parallel: { a: 'mood' }, combined: { b: 'string' } }] },
      "steps[0]: combined of parallel() has no field 'a'",
    ],
    [
      '[F8] circles',
      {
        steps: [
          {
            graph: {
              steps: [
                { name: 'a', step: 'mood', wire: '$b' },
                { name: 'b', step: 'mood', wire: '$a' },
              ],
              output: '$a',
            },
          },
        ],
      },
      'steps[0].graph goes in a circle: a → b → a',
    ],
    [
      '[F8] steps that are not there',
      { steps: [{ graph: { steps: [{ step: 'mood', wire: '$b' }], output: '$mood' } }] },
      "steps[0].graph.steps[0] is wired to 'b', which is no step of the graph",
    ],
    [
      '[F8] names that come twice',
      {
        steps: [{ graph: { steps: [{ step: 'mood' }, { step: 'mood' }], output: '$mood' } }],
      },
      "steps[0].graph has two steps named 'mood'",
    ],
  ])('[P8] does not take unknown %s, and says where', (_, parts, message) => {
    const json = { pipeline: 'p', input: { text: 'string' }, steps: [], ...parts }
    const build = () => plans.fromJson(json, registry)
    expect(build).toThrow(expect.objectContaining({ code: 'INVALID_PLAN' }))
    expect(build).toThrow(message)
  })
})

describe('policies that data says of parallel', () => {
  const shape = { n: z.number() }
  /** Answers with the third try of each row. */
  function flaky() {
    let tries = 0
    const work = step({
      name: 'flaky',
      input: z.object(shape),
      output: z.number(),
      run: ({ n }) => {
        tries++
        if (tries % 3 > 0) throw new Error('not yet')
        return n
      },
    })
    return { flaky: work, isPlain: () => true }
  }

  it.each<[string, unknown]>([
    ['by its name', 'flaky'],
    ['as a step', { step: 'flaky', version: '1' }],
    ['as a pipeline', { pipeline: 'inner', input: { n: 'number' }, steps: ['flaky'] }],
  ])('[P8] [F24] hold for a branch that is given %s', async (_, branch) => {
    const json = {
      pipeline: 'p',
      input: { n: 'number' },
      steps: [{ parallel: { a: branch }, retry: { attempts: 3, filter: 'isPlain' } }],
    }
    const plan = plans.fromJson(json, flaky())
    expect(await withClient(async (client) => await client.run(plan, { n: 7 }))).toMatchObject({
      output: { n: 7, a: 7 },
    })
  })

  it('[P7] are refused beside a branch that says some of its steps itself', () => {
    const branches = { a: { step: 'flaky', concurrency: 2 }, b: 'flaky' }
    const read = (policies: object) =>
      plans.fromJson(
        { pipeline: 'p', input: { n: 'number' }, steps: [{ parallel: branches, ...policies }] },
        flaky(),
      )
    expect(() => read({ concurrency: 3 })).toThrow(
      "steps[0]: 'a' of parallel() adds steps of its own: say concurrency of those",
    )
    expect(read({}).toJSON()).toMatchObject({
      steps: [{ parallel: { a: { steps: [{ concurrency: 2 }] } } }],
    })
  })
})
