import { ClientError, type RunResult } from '@skein/client'
import { describe, expect, it } from 'vitest'
import { resultJson } from '../../src/views/result-json.ts'

const result: RunResult<unknown> = {
  id: 'run',
  name: 'plan',
  state: 'failed',
  ok: false,
  error: { code: 'RUN_FAILED', message: 'too many rows failed' },
  summary: () => 'plan (run): failed',
  toJSON: () => ({}),
  lineage: () => ({ hash: '', inputs: [], makers: [], tasks: [] }),
  save: () => Promise.resolve(),
  seed: 1,
  output: ['a'],
  inputs: [0],
  failures: [
    {
      step: 'grade',
      index: 1,
      path: [1, 2],
      input: 'b',
      attempts: 2,
      nodes: ['barn'],
      error: new ClientError('TASK_FAILED', 'no JSON'),
    },
  ],
  stats: {
    tasks: 2,
    done: 1,
    failed: 1,
    cancelled: 0,
    cached: 0,
    retries: 1,
    tokens: 30,
    inputTokens: 10,
    outputTokens: 20,
    ms: 12.6,
    nodes: 1,
    byNode: [],
    bySteps: [],
  },
  tasks: [],
}

describe('the result as JSON', () => {
  it('[D16] has the steps of a workflow, and their trace', () => {
    const way = { steps: ['a', 'b'], trace: [] }
    expect(resultJson(result, undefined, way)).toMatchObject(way)
    expect(resultJson(result)).not.toHaveProperty('steps')
  })

  it('has output, failures with their cause, and stats in whole milliseconds', () => {
    const json = resultJson(result)
    expect(json).toMatchObject({
      output: ['a'],
      inputs: [0],
      failures: [
        { step: 'grade', index: 1, path: [1, 2], code: 'TASK_FAILED', message: 'no JSON' },
      ],
      stats: { tasks: 2, tokens: 30, ms: 13, nodes: 1 },
    })
    expect(json).not.toHaveProperty('error')
  })

  it('says why a run failed, beside what it did', () => {
    const json = resultJson({ ...result, output: undefined }, { code: 'NO_NODES', message: 'gone' })
    expect(JSON.parse(JSON.stringify(json))).toMatchObject({
      output: null,
      error: { code: 'NO_NODES', message: 'gone' },
    })
  })
})
