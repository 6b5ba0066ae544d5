import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../../src/main.ts'
import { programFolder } from '../program-folder.ts'
import { recordTerminal } from '../recorded-terminal.ts'

/** A pipeline with workflows wherever one can stand. */
const WAYS = `import { graph, pipeline } from '@skein/client'
import { WorkflowBuilder } from '@skein/workflows'
import { z } from 'zod'
const tell = (what) => new WorkflowBuilder(what.replaceAll(' ', ''), { topic: z.string() })
  .generativeStep({ id: 'answer', prompt: 'Tell ' + what + ': {{topic}}' })
  .setReturnValue('answer')
  .build()
const input = { topic: z.string() }
const wired = graph('wired', { input }, (g, row) => g(tell('wired'), { topic: row.topic }))
const inner = pipeline('inner', input).step(tell('inside'))
export const ways = pipeline('ways', input)
  .parallel({ a: tell('beside'), b: tell('also') })
  .step(tell('if it is so'), { as: 'c', when: () => true })
  .step(wired, { as: 'd' })
  .step(inner, { as: 'e' })
  .choose(() => 'one', { one: tell('chosen'), two: tell('other') })
`

let folder: string
let workflow: string

const WORKFLOW = {
  version: 1,
  name: 'about',
  input: { topic: { type: 'string' }, count: { type: 'integer', minimum: 3 } },
  steps: [
    {
      id: 'sort',
      operator: 'generation',
      system: 'Be terse.',
      prompt: 'Is {{topic}} a bird? {{count}}',
      schema: { enum: ['yes', 'no'] },
    },
    { id: 'bird', operator: 'generation', prompt: 'How does {{topic}} fly?' },
    { id: 'other', operator: 'search', query: 'what is {{topic}}' },
  ],
  edges: [
    {
      from: 'sort',
      to: 'bird',
      if: { input: 'sort', expression: 'Equal', expected: 'yes' },
      else: 'other',
    },
    { from: 'bird', to: '_end' },
  ],
  returns: 'sort',
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skein-preview-'))
  workflow = join(folder, 'workflow.json')
  await writeFile(workflow, JSON.stringify(WORKFLOW))
})
afterAll(() => rm(folder, { recursive: true }))

async function skein(
  ...args: readonly string[]
): Promise<{ code: number; out: string; talk: string }> {
  const terminal = recordTerminal()
  const code = await run(['preview', workflow, ...args], terminal)
  return { code, out: terminal.dataLines.join('\n'), talk: terminal.talkLines.join('\n') }
}

describe('skein preview', () => {
  it('[P12] shows every prompt of every branch, with what is given and the rest made up', async () => {
    expect(await skein('--input', 'topic=a goose')).toEqual({
      code: 0,
      talk: '',
      out: `sort generation
  system: Be terse.
  Is a goose a bird? 3
  answers as {"enum":["yes","no"]}

bird generation, after sort
  How does a goose fly?

other search, after sort
  what is a goose`,
    })
  })

  it('[P12] prints it as JSON', async () => {
    const { out } = await skein('--json', '--input', 'count=7')
    expect(JSON.parse(out)).toMatchObject({
      workflows: [
        {
          workflow: 'about',
          steps: [
            {
              step: 'sort',
              messages: [
                { role: 'system', content: 'Be terse.' },
                { role: 'user', content: 'Is ‹topic› a bird? 7' },
              ],
            },
            { step: 'bird' },
            { step: 'other', query: 'what is ‹topic›' },
          ],
          output: 'yes',
          complete: true,
        },
      ],
    })
  })

  it.for([
    [['--input', 'tpoic=x'], /there is no input "tpoic"\. Did you mean topic\?/],
    [['--input', 'count=many'], /"count"/],
    [['--input', 'count=1'], /input "count": expected number to be >=/],
    [['--input', 'topic'], /expected name=value/],
  ] as const)('refuses %j', async ([args, message]) => {
    const ended = await skein(...args)
    expect(ended).toMatchObject({ code: 2, out: '' })
    expect(ended.talk).toMatch(message)
  })
})

describe('skein preview of a pipeline', () => {
  const programs = programFolder()

  it('[P12] shows the prompts of every way through it', async () => {
    const file = await programs.file('ways.ts', WAYS)
    const { code, out, talk } = await programs.skein('preview', file)
    expect({ code, talk }).toMatchObject({ code: 0 })
    for (const way of ['beside', 'also', 'chosen', 'other', 'inside', 'wired', 'if it is so']) {
      expect(out).toContain(`Tell ${way}`)
    }
  })
})
