import { describe, expect, it } from 'vitest'
import { drawRun, type RunDetails } from '../../src/views/runs.ts'

const error = { code: 'STEP_FAILED', message: 'no rhyme' }
const failure = { step: 'rewrite', attempts: 2, nodes: ['goose'], error }

const run: RunDetails = {
  id: 'geese',
  project: 'default',
  plan: 'poems',
  state: 'done',
  startedAt: undefined,
  endedAt: undefined,
  rows: 3,
  failed: 2,
  tokens: 0,
  ms: 0,
  error: undefined,
  seed: undefined,
  models: undefined,
  context: undefined,
  parent: undefined,
  anew: undefined,
  source: undefined,
  inputs: 2,
  bySteps: [],
  failures: [
    { ...failure, index: 1, path: [1] },
    { ...failure, index: 1, path: [1, 0, 2] },
  ],
  metrics: {},
}

describe('a recorded run', () => {
  it('[D28] tells of each failure which row it was', () => {
    const drawn = drawRun(run)
    expect(drawn).toContain('rewrite, input 2, 2 attempts on goose: no rhyme')
    expect(drawn).toContain('rewrite, item 3 of item 1 of input 2, 2 attempts on goose: no rhyme')
  })
})
