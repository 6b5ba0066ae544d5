import { parseWorkflow } from '@skein/workflows'
import { describe, expect, it } from 'vitest'
import { parseAnswerScript } from '../src/answer-script.ts'
import { CliError } from '../src/errors.ts'
import { runScripted, type ScriptedRun } from '../src/scripted-world.ts'

interface Parts {
  readonly steps: readonly unknown[]
  readonly answers: Readonly<Record<string, readonly unknown[]>>
  readonly more?: object
}

function run({ steps, answers, more = {} }: Parts): Promise<ScriptedRun> {
  const document = parseWorkflow({
    version: 1,
    name: 'w',
    input: {},
    steps,
    returns: 'out',
    ...more,
  })
  return runScripted(
    document,
    {},
    { script: parseAnswerScript(answers, document, ''), trace: true },
  )
}

function generation(id: string, prompt: string, more: object = {}): object {
  return { id, operator: 'generation', prompt, ...more }
}

/** Whether a second text is like a first one that was stored. */
function similar(second: string): Promise<ScriptedRun> {
  return run({
    steps: [
      generation('a', 'x', { outputs: [{ type: 'insert' }] }),
      generation('b', 'y'),
      generation('out', 'z'),
    ],
    answers: { a: ['Geese fly south'], b: [second], out: ['same'] },
    more: {
      memory: { out: 'other' },
      edges: [
        {
          from: 'b',
          to: 'out',
          if: { input: 'b', expression: 'HaveSimilar', expected: 0.95 },
          else: '_end',
        },
      ],
    },
  })
}

describe('a workflow on scripted answers', () => {
  it('runs branches that were begun first to their end first, and says how', async () => {
    const branch = (name: string): object => ({
      steps: [generation(`${name}1`, 'One'), generation(`${name}2`, `Two {{${name}1}}`)],
      returns: `${name}2`,
    })
    const ended = await run({
      steps: [
        { id: 'p', operator: 'parallel', branches: { a: branch('a'), b: branch('b') } },
        generation('out', '{{a}} {{b}}'),
      ],
      answers: { a1: ['1'], a2: ['2'], b1: ['3'], b2: ['4'], out: ['done'] },
    })
    expect(ended).toMatchObject({
      ok: true,
      outcome: { output: 'done', steps: ['p', 'a1', 'b1', 'a2', 'b2', 'out'] },
    })
  })

  it('gives the trace of each step, with what it asked and who answered', async () => {
    const ended = await run({
      steps: [generation('out', 'Say hi')],
      answers: { out: ['hello you'] },
    })
    expect(ended.ok && ended.outcome.trace).toEqual([
      {
        step: 'out',
        prompt: 'Say hi',
        answer: 'hello you',
        model: 'script',
        finishReason: 'stop',
        usage: { input: 2, output: 3 },
        ms: 0,
      },
    ])
  })

  it('tries a failed call again where the step says so', async () => {
    const answers = { out: [{ error: 'busy' }, 'fine'] }
    expect(await run({ steps: [generation('out', 'x', { retry: 1 })], answers })).toMatchObject({
      ok: true,
      outcome: { output: 'fine' },
    })
    expect(await run({ steps: [generation('out', 'x')], answers })).toMatchObject({
      ok: false,
      error: { code: 'STEP_FAILED', message: "step 'out': busy" },
      steps: ['out'],
    })
  })

  it('says which steps asked before one failed', async () => {
    const ended = await run({
      steps: [generation('a', 'x'), generation('out', '{{a}}')],
      answers: { a: ['1'], out: [{ error: 'no' }] },
    })
    expect(ended).toMatchObject({ ok: false, steps: ['a', 'out'] })
  })

  it('is told of a step that has no answers, also where a fallback leads on', async () => {
    const steps = [generation('a', 'x'), generation('out', 'y')]
    const more = { edges: [{ from: 'a', to: 'out', fallback: 'out' }] }
    const attempt = run({ steps, answers: { out: ['1'] }, more })
    await expect(attempt).rejects.toThrow(CliError)
    await expect(attempt).rejects.toThrow("step 'a' asks a model, and the script has no answer")
  })

  it('makes up the results of a search, and what a tool says, where the script says nothing', async () => {
    const search = { id: 'out', operator: 'search', query: 'geese', count: 2 }
    const found = await run({ steps: [search], answers: {} })
    expect(found.ok && found.outcome.output).toEqual([
      expect.objectContaining({ title: 'Result 1 for geese' }),
      expect.objectContaining({ title: 'Result 2 for geese' }),
    ])
    const failed = await run({ steps: [search], answers: { out: [{ error: 'quota' }] } })
    expect(failed).toMatchObject({ ok: false, error: { message: "step 'out': quota" } })
    const called = await run({
      steps: [{ id: 'out', operator: 'function_calling', prompt: 'Use it' }],
      answers: { out: [{ name: 'look', arguments: { at: 'x' } }] },
      more: { tools: ['look'] },
    })
    expect(called.ok && called.outcome.output).toBe('look({"at":"x"})')
  })

  it('finds texts alike by the words that they share', async () => {
    expect(await similar('geese fly South!')).toMatchObject({ outcome: { output: 'same' } })
    expect(await similar('Geese fly north')).toMatchObject({ outcome: { output: 'other' } })
  })
})
