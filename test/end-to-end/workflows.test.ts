import { describe, expect, it } from 'vitest'
import { Home } from './skein.ts'

/** Workflows from a file, through the real command, without a model. */

const CRITIC = 'examples/critic.json'
const SCRIPT = ['--script', 'examples/critic.answers.json']

describe('a workflow from a file', () => {
  it('[D15] is checked, and its mistakes are named with their place', async () => {
    await using home = await Home.create()
    expect(await home.run(['check', CRITIC])).toMatchObject({ code: 0, out: '' })
    const wrong = await home.file('wrong.json', {
      version: 1,
      name: 'wrong',
      input: { topic: { type: 'string' } },
      steps: [{ id: 'a', operator: 'generation', prompt: 'About {{topci}}' }],
      returns: 'a',
    })
    const { code, out } = await home.run(['check', wrong])
    expect(code).toBe(1)
    expect(out).toContain("wrong.json: steps[0].prompt: error: 'topci' is neither an input")
  })

  it('[P12] is previewed without a model', async () => {
    await using home = await Home.create()
    const { code, out } = await home.run(['preview', CRITIC, '--input', 'topic=geese'])
    expect(code).toBe(0)
    expect(out).toContain('Write one sentence about geese.\n')
    expect(out).toContain('Mend this: ‹verdict›')
  })

  it('[D16] runs on scripted answers, with its steps and trace', async () => {
    await using home = await Home.create()
    const args = ['run', CRITIC, '--input', 'topic=geese', ...SCRIPT, '--json', '--trace']
    const { code, out } = await home.run(args)
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      output: 'Geese fly in a skein to save their strength.',
      steps: ['draft', 'verdict', 'draft', 'verdict'],
      trace: [{ step: 'draft', prompt: 'Write one sentence about geese.' }, {}, {}, {}],
    })
  })

  it('[D16] runs on a node, with the steps and the trace that the node tells', async () => {
    await using home = await Home.create()
    await home.scriptedNodes(1, { echo: true })
    const args = ['run', CRITIC, '--input', 'topic=geese', '--json', '--trace']
    const { code, out } = await home.run(args)
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      output: 'Write one sentence about geese.',
      steps: ['draft', 'verdict'],
      trace: [
        { step: 'draft', prompt: 'Write one sentence about geese.' },
        { step: 'verdict', model: 'scripted', finishReason: 'stop' },
      ],
      failures: [],
      stats: { tasks: 1, nodes: 1 },
    })
  })

  it('[D14] of Dria runs as it is', async () => {
    await using home = await Home.create()
    const script = ['--script', 'examples/dria-search.answers.json']
    const args = ['run', 'examples/dria-search.json', ...script, '--json']
    const { code, out } = await home.run(args)
    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual({
      output: ['geese', 'why geese migrate'],
      steps: ['query', 'judge', 'query', 'judge'],
    })
  })

  it('with a script that does not fit is refused in a sentence', async () => {
    await using home = await Home.create()
    const script = await home.file('script.json', { darft: ['x'] })
    const ended = await home.run(['run', CRITIC, '--input', 'topic=geese', '--script', script])
    expect(ended).toMatchObject({ code: 2, out: '', isCleanError: true })
    expect(ended.talk).toContain("no step 'darft'. Did you mean draft?")
  })
})
