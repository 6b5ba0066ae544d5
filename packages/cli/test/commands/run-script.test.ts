import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../../src/main.ts'
import { recordTerminal } from '../recorded-terminal.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skein-script-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function file(name: string, content: unknown): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const WORKFLOW = {
  version: 1,
  name: 'about',
  input: { topic: { type: 'string' } },
  steps: [
    { id: 'draft', operator: 'generation', prompt: 'About {{topic}}' },
    { id: 'judge', operator: 'generation', prompt: 'Good? {{draft}}' },
  ],
  edges: [
    {
      from: 'judge',
      to: '_end',
      if: { input: 'judge', expression: 'Equal', expected: 'yes' },
      else: 'draft',
    },
  ],
  returns: 'draft',
}

const ANSWERS = { draft: ['bad', 'good'], judge: ['no', 'yes'] }

const DRIA = {
  config: { max_steps: 5, max_time: 60, tools: [] },
  external_memory: { topic: 'geese' },
  tasks: [
    {
      id: 'A',
      operator: 'generation',
      messages: [{ role: 'user', content: 'About {topic}' }],
      inputs: [{ name: 'topic', value: { type: 'read', key: 'topic' }, required: true }],
      outputs: [{ type: 'write', key: 'a', value: '__result' }],
    },
    { id: '__end', operator: 'end', messages: [], inputs: [], outputs: [] },
  ],
  steps: [{ source: 'A', target: '__end' }],
  return_value: { input: { type: 'read', key: 'a' } },
}

async function skein(
  ...more: readonly string[]
): Promise<{ code: number; out: string; talk: string }> {
  const terminal = recordTerminal()
  const workflow = await file('workflow.json', WORKFLOW)
  const code = await run(['run', workflow, ...more], terminal)
  return { code, out: terminal.dataLines.join('\n'), talk: terminal.talkLines.join('\n') }
}

describe('skein run --script', () => {
  it('prints the output, and tells the way', async () => {
    const script = await file('answers.json', ANSWERS)
    const ended = await skein('--input', 'topic=geese', '--script', script)
    expect(ended).toMatchObject({ code: 0, out: 'good' })
    expect(ended.talk).toContain('4 steps: draft → judge → draft → judge')
  })

  it('prints output and steps as JSON, and the trace where it is asked for', async () => {
    const script = await file('answers.json', ANSWERS)
    const plain = await skein('--input', 'topic=geese', '--script', script, '--json')
    const steps = ['draft', 'judge', 'draft', 'judge']
    expect(JSON.parse(plain.out)).toEqual({ output: 'good', steps })
    const traced = await skein('--input', 'topic=geese', '--script', script, '--json', '--trace')
    expect(JSON.parse(traced.out)).toMatchObject({
      output: 'good',
      steps,
      trace: [{ step: 'draft', prompt: 'About geese', answer: 'bad' }, {}, {}, { answer: 'yes' }],
    })
  })

  it('shows the trace to a person', async () => {
    const script = await file('answers.json', ANSWERS)
    const { out, talk } = await skein('--input', 'topic=geese', '--script', script, '--trace')
    expect(out).toBe('good')
    expect(talk).toContain('1. draft script, 3 → 1 tokens, stop, 0 ms\n  About geese\n  ⇒ bad')
  })

  it('fails with what it did before, and exit code 1', async () => {
    const script = await file('failing.json', { draft: ['x'], judge: [{ error: 'model gone' }] })
    const ended = await skein('--input', 'topic=geese', '--script', script, '--json')
    expect(ended.code).toBe(1)
    expect(JSON.parse(ended.out)).toEqual({
      output: null,
      steps: ['draft', 'judge'],
      error: { code: 'STEP_FAILED', message: "step 'judge': model gone", step: 'judge' },
    })
    expect(ended.talk).toContain("error: step 'judge': model gone")
  })

  it('shows the call that failed in the trace, also where the run fails with it', async () => {
    const script = await file('failing.json', { draft: ['x'], judge: [{ error: 'model gone' }] })
    const args = ['--input', 'topic=geese', '--script', script, '--trace']
    const ended = await skein(...args, '--json')
    expect(JSON.parse(ended.out)).toMatchObject({
      trace: [{ answer: 'x' }, { step: 'judge', prompt: 'Good? x', error: 'model gone' }],
      error: { code: 'STEP_FAILED' },
    })
    const { out, talk } = await skein(...args)
    expect(out).toBe('')
    expect(talk).toContain('  ⇒ x\n2. judge\n  Good? x\n  ✗ model gone')
  })

  it.for([
    ['{', /answers\.json is not valid JSON/],
    [[], /must hold one JSON object/],
    [{ drfat: ['x'] }, /no step 'drfat'\. Did you mean draft\?/],
    [{ draft: [] }, /list of answers of 'draft' is empty/],
    [{ draft: 'x' }, /answers of 'draft' must be a list/],
    [{ draft: ['x'] }, /step 'judge' asks a model, and the script has no answer/],
  ] as const)('refuses the script %j', async ([content, message]) => {
    const script = await file('answers.json', content)
    const ended = await skein('--input', 'topic=geese', '--script', script)
    expect(ended).toMatchObject({ code: 2, out: '' })
    expect(ended.talk).toMatch(message)
    expect(ended.talk).not.toContain('SKEIN_DEBUG')
  })

  it.for([
    [['--script', 'ANSWERS'], /missing input "topic"/],
    [['--script', 'ANSWERS', '--input', 'tpoic=x'], /no input "tpoic"\. Did you mean topic\?/],
    [
      ['--script', 'nowhere.json', '--input', 'topic=x'],
      /cannot read nowhere\.json: there is no such file/,
    ],
    [['--script', 'ANSWERS', '--inputs', 'rows.jsonl'], /--inputs is a file of many/],
    // Nothing is recorded, and no node is asked: what says how would be left out without a word.
    [['--script', 'ANSWERS', '--save', 'out.csv'], /--save has no place beside --script/],
    [['--script', 'ANSWERS', '--wait-for-nodes', '3'], /--wait-for-nodes has no place beside/],
  ] as const)('refuses %j', async ([args, message]) => {
    const script = await file('answers.json', ANSWERS)
    const ended = await skein(...args.map((word) => (word === 'ANSWERS' ? script : word)))
    expect(ended).toMatchObject({ code: 2, out: '' })
    expect(ended.talk).toMatch(message)
  })

  it('[D14] runs the JSON of Dria as it is', async () => {
    const workflow = await file('dria.json', DRIA)
    const script = await file('a.json', { A: ['honk'] })
    const { external_memory: _, ...bare } = DRIA
    const lacking = recordTerminal()
    expect(await run(['run', await file('bare.json', bare), '--script', script], lacking)).toBe(2)
    expect(lacking.talkLines).toEqual([
      "error: step 'A': its input 'topic' has no value",
      'It takes --input topic=…',
    ])
    const terminal = recordTerminal()
    const args = [
      'run',
      workflow,
      '--script',
      script,
      '--json',
      '--trace',
      '--input',
      'topic=swans',
    ]
    expect(await run(args, terminal)).toBe(0)
    expect(JSON.parse(terminal.dataLines.join(''))).toMatchObject({
      output: 'honk',
      steps: ['A'],
      trace: [{ prompt: 'About swans' }],
    })
  })
})
