import { describe, expect, it } from 'vitest'
import { checkWorkflow } from '@skein/workflows'
import { programFolder } from '../program-folder.ts'

const folder = programFolder()
const { skein } = folder

const GOOD = {
  version: 1,
  name: 'about',
  input: { topic: { type: 'string' } },
  steps: [{ id: 'draft', operator: 'generation', prompt: 'About {{topic}}' }],
  returns: 'draft',
}

const PROGRAM = `import { pipeline } from '@skein/client'
import { WorkflowBuilder } from '@skein/workflows'
import { z } from 'zod'
`

describe('skein check', () => {
  it('says that nothing was found', async () => {
    const ended = await skein('check', await folder.file('good.json', GOOD))
    expect(ended).toEqual({ code: 0, out: '', talk: 'good.json: nothing found' })
  })

  it('[P5] refuses what has a name twice: only the last would count', async () => {
    const text = '{"skein":"pipeline","nodes":[{"parallel":{"x":"a","x":"b"}}]}'
    const ended = await skein('check', await folder.file('twice.json', text))
    expect(ended.code).toBe(2)
    expect(ended.talk).toContain('twice.json has "x" twice in one object')
  })

  it('[D15] names file, place and mend of each mistake, and exits with 1', async () => {
    const steps = [{ id: 'draft', operator: 'generation', prompt: 'About {{topci}}' }]
    const ended = await skein('check', await folder.file('bad.json', { ...GOOD, steps }))
    expect(ended.code).toBe(1)
    expect(ended.out).toContain(
      "bad.json: steps[0].prompt: error: 'topci' is neither an input nor written by a step\n  There are 'topic', 'draft'.",
    )
    expect(ended.talk).toBe('bad.json: 1 error')
  })

  it('exits with 0 where there are only warnings', async () => {
    const input = { topic: {}, style: {} }
    const ended = await skein('check', await folder.file('warned.json', { ...GOOD, input }))
    expect(ended.code).toBe(0)
    expect(ended.out).toContain("warned.json: input.style: warning: nothing reads 'style'")
    expect(ended.talk).toBe('warned.json: 1 warning')
  })

  it('prints one JSON object', async () => {
    const path = await folder.file('returnless.json', { ...GOOD, returns: 'x' })
    const { code, out } = await skein('check', path, '--json')
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      errors: 1,
      warnings: 0,
      findings: [{ severity: 'error', code: 'UNWRITTEN_RETURN', path: 'returns' }],
    })
  })

  it('checks every workflow that a program exports, also in pipelines', async () => {
    const path = await folder.file(
      'program.mjs',
      `${PROGRAM}
const lost = new WorkflowBuilder('lost', { topic: z.string() })
  .generativeStep({ id: 'a', prompt: '{{topic}}' })
  .generativeStep({ id: 'b', prompt: '{{a}}' })
  .setReturnValue('a')
  .build()
export { lost, lost as default }
export const tales = pipeline('tales', { topic: z.string() }).step(lost)`,
    )
    const { code, out, talk } = await skein('check', path)
    expect(code).toBe(0)
    expect(talk).toBe('program.mjs: 2 warnings')
    expect(out).toContain("program.mjs: tales, step lost: steps[1]: warning: nothing reads 'b'")
  })

  it('[P4] says which step of a pipeline does not fit what it is given; a run of it is refused', async () => {
    await folder.file(
      'steps.mjs',
      `import { step } from '@skein/client'
import { z } from 'zod'
export const slow = step({ name: 'slow', input: z.object({ n: z.number() }), output: z.number(), run: ({ n }) => n })`,
    )
    const path = await folder.file(
      'unfit.toml',
      `use = "steps.mjs"
pipeline = "x"
input = { m = "number" }
[[steps]]
step = "slow"
`,
    )
    const { code, out, talk } = await skein('check', path)
    expect(code).toBe(1)
    expect(out).toContain(
      'unfit.toml: x, step slow: error: what it is given does not fit its input: n is missing',
    )
    expect(talk).toBe('unfit.toml: 1 error')
    const refused = await skein('run', path, '--input', 'm=1')
    expect(refused.code).toBe(2)
    expect(refused.talk).toContain('unfit.toml: x, step slow: what it is given does not fit')
    expect(refused.talk).toContain('check unfit.toml lists all')
  })

  it('checks the workflows of a pipeline in TOML', async () => {
    await folder.file(
      'used.mjs',
      `${PROGRAM}export const tale = new WorkflowBuilder('tale', { topic: z.string(), style: z.string() })
  .generativeStep({ id: 'a', prompt: '{{topic}}' }).setReturnValue('a').build()`,
    )
    const plan = `use = "used.mjs"
pipeline = "tales"
[input]
topic = "string"
style = "string"
[[steps]]
workflow = "tale"
`
    const { code, out } = await skein('check', await folder.file('plan.toml', plan))
    expect(code).toBe(0)
    expect(out).toContain(
      "plan.toml: tales, step tale: input.style: warning: nothing reads 'style'",
    )
    const wrong = await skein(
      'check',
      await folder.file('wrong.toml', 'pipeline = "p"\nsteps = 3\n'),
    )
    expect(wrong.code).toBe(1)
    expect(wrong.out).toContain('wrong.toml: error: ')
  })

  it('tells what the builder of a program refuses as a finding', async () => {
    const path = await folder.file(
      'refused.mjs',
      `${PROGRAM}export const bad = new WorkflowBuilder('bad', { topic: z.string() })
  .generativeStep({ id: 'a', prompt: '{{topci}}' }).setReturnValue('a').build()`,
    )
    const { code, out } = await skein('check', path)
    expect(code).toBe(1)
    expect(out).toMatch(/error: .*refused\.mjs cannot be run: step 'a': .*topci/)
  })

  it.for([
    ['nowhere.json', undefined, /cannot read .*nowhere\.json: there is no such file/],
    ['broken.json', '{', /broken\.json is not valid JSON/],
    ['empty.mjs', 'export const x = 1', /exports no pipeline and no workflow/],
    ['plan.yaml', 'a: 1', /skein takes \.ts/],
  ] as const)('refuses %s with exit code 2', async ([name, content, message]) => {
    const path = content === undefined ? folder.at(name) : await folder.file(name, content)
    const ended = await skein('check', path)
    expect(ended).toMatchObject({ code: 2, out: '' })
    expect(ended.talk).toMatch(message)
    expect(ended.talk).not.toContain('SKEIN_DEBUG')
  })
})

describe('skein graph', () => {
  it('[F9] draws a workflow in words, as Mermaid and as JSON', async () => {
    const path = await folder.file('drawn.json', GOOD)
    expect((await skein('graph', path)).out).toBe(
      'about ← topic\n  draft  generation\n  returns draft',
    )
    expect((await skein('graph', path, '--mermaid')).out).toContain('flowchart TD')
    const { out } = await skein('graph', path, '--json')
    expect(JSON.parse(out)).toMatchObject({ name: 'about', kind: 'workflow' })
  })

  it('[F9] draws a pipeline', async () => {
    const path = await folder.file(
      'pipeline.mjs',
      `${PROGRAM}export const p = pipeline('p', { topic: z.string() }).map(({ topic }) => topic)`,
    )
    expect(await skein('graph', path)).toMatchObject({ code: 0, out: 'p ← topic\n  map' })
  })

  it('[D15] refuses what the check calls an error, with the same place, words and mend', async () => {
    const steps = [{ ...GOOD.steps[0], colour: 'red' }]
    const path = await folder.file('undrawable.json', { ...GOOD, steps, returns: 'x' })
    const findings = checkWorkflow({ ...GOOD, steps, returns: 'x' })
    expect(findings.map((finding) => finding.path)).toEqual(['steps[0].colour', 'returns'])
    for (const command of ['graph', 'preview']) {
      const { code, talk } = await skein(command, path)
      expect(code).toBe(2)
      expect(talk).toBe(
        `error: undrawable.json: steps[0].colour: ${findings[0]?.message} (and 1 more: skein check undrawable.json lists all)\n${findings[0]?.mend}`,
      )
    }
  })
})
