import { WorkflowBuilder } from '@skein/workflows'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { CliError } from '../src/errors.ts'
import { hasNames } from '../src/input.ts'
import { loadProgram } from '../src/program-file.ts'
import { programFolder } from './program-folder.ts'

const folder = programFolder()
let count = 0

async function file(content: string, extension = 'mjs'): Promise<string> {
  count += 1
  return folder.file(`program-${count}.${extension}`, content)
}

const WORKFLOW = `import { WorkflowBuilder } from '@skein/workflows'
import { z } from 'zod'
const make = (name) => new WorkflowBuilder(name, { topic: z.string() })
  .generativeStep({ id: 'answer', prompt: 'About {{topic}}' }).setReturnValue('answer').build()
`

async function refusal(path: string, wanted?: string): Promise<CliError> {
  const error: unknown = await loadProgram(path, wanted).catch((cause: unknown) => cause)
  if (error instanceof CliError) return error
  throw new CliError('FAILED', `it was accepted, or failed otherwise: ${String(error)}`)
}

describe('a program', () => {
  it('that exports one workflow is that workflow', async () => {
    const path = await file(`${WORKFLOW}export const story = make('story'); export const other = 1`)
    expect(await loadProgram(path)).toMatchObject({ kind: 'workflow', name: 'story' })
  })

  it('that exports a pipeline is that pipeline; its inputs are those of its rows', async () => {
    const path = await file(
      `${WORKFLOW}import { pipeline } from '@skein/client'
export const tales = pipeline('tales', { topic: z.string() }).step(make('tale'))`,
    )
    const { kind, name, schema, needsNodes } = await loadProgram(path)
    expect({ kind, name, needsNodes }).toEqual({
      kind: 'pipeline',
      name: 'tales',
      needsNodes: true,
    })
    expect(hasNames(schema) && Object.keys(schema.shape)).toEqual(['topic'])
  })

  it('of local functions only needs no node', async () => {
    const path = await file(
      `import { pipeline } from '@skein/client'
import { z } from 'zod'
export const lengths = pipeline('lengths', { text: z.string() }).map(({ text }) => text.length)`,
    )
    expect((await loadProgram(path)).needsNodes).toBe(false)
  })

  it('that exports several runs the default, or the one that is named', async () => {
    const path = await file(
      `${WORKFLOW}export const a = make('a'); export const b = make('b'); export default make('d')`,
    )
    expect((await loadProgram(path)).name).toBe('d')
    expect((await loadProgram(path, 'b')).name).toBe('b')
    const error = await refusal(path, 'c')
    expect(error.message).toContain('no pipeline or workflow named c')
    expect(error.mend).toBe('It exports a, b, default.')
  })

  it('that exports several without a default is asked which', async () => {
    const error = await refusal(
      await file(`${WORKFLOW}export const a = make('a'); export const b = make('b')`),
    )
    expect(error.exitCode).toBe(2)
    expect(error.mend).toBe('It exports a, b. Choose one: --export a')
  })

  it('that exports nothing to run is told how to', async () => {
    const error = await refusal(await file('export const x = 1'))
    expect(error.message).toContain('exports no pipeline and no workflow')
    expect(error.mend).toContain('export const')
  })

  it.each([
    ['does not parse', 'export const x = ((', /cannot be run: /],
    ['imports what is not there', "import 'nowhere-at-all'", /nowhere-at-all/],
    [
      'throws',
      "\nthrow new TypeError('no topic')",
      /cannot be run: no topic \(program-\d+\.mjs:2:7\)/,
    ],
  ])('that %s is refused without a stack trace', async (_, content, message) => {
    const error = await refusal(await file(content))
    expect(error.message).toMatch(message)
    expect(error.message).not.toContain('\n    at ')
    expect(error.exitCode).toBe(2)
  })

  it('that is not there is refused', async () => {
    expect((await refusal(folder.at('missing.ts'))).message).toContain('there is no such file')
  })

  it('may be a workflow as JSON; what its rows must look like comes from its schema', async () => {
    const workflow = new WorkflowBuilder('story', { topic: z.string(), lines: z.int() })
      .generativeStep({ id: 'answer', prompt: '{{lines}} lines about {{topic}}' })
      .setReturnValue('answer')
      .build()
    const { name, schema } = await loadProgram(await file(JSON.stringify(workflow), 'json'))
    expect(name).toBe('story')
    expect(schema.safeParse({ topic: 'geese', lines: 3 }).success).toBe(true)
    expect(schema.safeParse({ topic: 'geese', lines: 'x' }).success).toBe(false)
  })

  it('as JSON with a misspelt variable is refused, naming it', async () => {
    const document = {
      version: 1,
      name: 'story',
      input: { topic: { type: 'string' } },
      steps: [{ id: 'answer', operator: 'generation', prompt: 'About {{topci}}' }],
      returns: 'answer',
    }
    const path = await file(JSON.stringify(document), 'json')
    const { message, exitCode } = await refusal(path)
    expect(message).toMatch(/program-\d+\.json: .*topci/)
    expect(exitCode).toBe(2)
  })

  it('as broken JSON is refused, saying where', async () => {
    expect((await refusal(await file('{"version": 1,', 'json'))).message).toMatch(
      /is not valid JSON: .*position/,
    )
  })

  it('[P8] may be a pipeline in TOML or JSON, with the modules that it uses', async () => {
    await file(`${WORKFLOW}export const tale = make('tale')`)
    const use = `program-${count}.mjs`
    const toml = `use = "${use}"
pipeline = "tales"
[input]
topic = "string"
[[steps]]
workflow = "tale"
`
    const program = await loadProgram(await file(toml, 'toml'))
    expect(program).toMatchObject({ kind: 'pipeline', name: 'tales', needsNodes: true })
    expect(program.workflows).toMatchObject([{ step: 'tale' }])
    const json = { pipeline: 'p', input: { n: 'number' }, steps: [] }
    expect(await loadProgram(await file(JSON.stringify(json), 'json'))).toMatchObject({
      name: 'p',
      needsNodes: false,
    })
  })

  it('[D14] may be a workflow in TOML', async () => {
    const toml = `version = 1
name = "about"
returns = "answer"
[input]
topic = { type = "string" }
[[steps]]
id = "answer"
operator = "generation"
prompt = "About {{topic}}"
`
    const program = await loadProgram(await file(toml, 'toml'))
    expect(program).toMatchObject({ kind: 'workflow', name: 'about' })
    const { message } = await refusal(await file('a = = 1', 'toml'))
    expect(message).toMatch(
      /program-\d+\.toml is not valid TOML: invalid value \(line 1 column 5\)/,
    )
  })

  it.each(['{}', '[]', '3', '{"name": "package", "version": "1.0.0"}'])(
    'that is %s is no workflow, and it is said what one has',
    async (text) => {
      const { message, mend, exitCode } = await refusal(await file(text, 'json'))
      expect(message).toContain('this is no workflow and no pipeline: it has no steps')
      expect(mend).toContain('A workflow has version, name, input, steps and returns')
      expect(exitCode).toBe(2)
    },
  )

  it('[P8] in TOML with an unknown key is refused, saying where', async () => {
    const wrong = 'pipeline = "p"\ninput = { n = "number" }\n[[steps]]\nscater = "n"\n'
    const { message, exitCode } = await refusal(await file(wrong, 'toml'))
    expect(message).toMatch(/program-\d+\.toml: steps\[0\] says none of/)
    expect(exitCode).toBe(2)
  })
})
