import {
  checkWorkflow,
  fromDria,
  isDria,
  parseWorkflow,
  toDria,
  workflowFrom,
  workflowId,
  WorkflowError,
  type WorkflowDocument,
} from '@skein/workflows'
import { makeJson } from './mutate-json.ts'
import { makeText, type TextStock } from './mutate-text.ts'
import type { Random } from './random.ts'
import { SCHEMAS } from './schemas.ts'
import { seedsOf } from './seeds.ts'
import type { Target } from './target.ts'
import { walkOn } from './walk.ts'

/** Steps that a made workflow may run: more are running, not reading. */
const MAX_STEPS = 200

/** What prompts are made of. */
const PROMPT_PIECES = [
  '{{a}}',
  ...'{{ }} {{{ }}} {{{{ }}}} {{# {{/ {{^ {{! {{!-- --}} {{~ ~}} {{& {{> {{* | as = ( ) [ ] . .. / ../ @ " \' \\ \\{{ \\\\{{'.split(
    ' ',
  ),
  ...'#if #each #unless /if /each /unless else this @index @key @first @last @root a xs o text null true 1'.split(
    ' ',
  ),
  '{{#each xs}}',
  '{{/each}}',
  '{{#if a}}',
  '{{else}}',
  '{{else if a}}',
  '{{/if}}',
  ' ',
  '\n',
  'word ',
] as const

/** What answers are made of. */
const ANSWER_PIECES = [
  ' ',
  ...'[ ] { } ( ) " \' ` , : ; \\ / ``` ```json ~~~ <think> </think> <thinking> </thinking> // /* */ ... … - + . 1 0 1e9 null true True None NaN'.split(
    ' ',
  ),
  ...'["a", {"score": "a" "why": : ], [1] 1. 2) * • ** the answer is Sure: sorry'.split(' '),
  '\\"',
  '\\u0041',
  '\n',
  '\n\n',
] as const

const CALL_PIECES = [
  '<tool_call>',
  ...ANSWER_PIECES,
  '</tool_call>',
  '<function=f>',
  '</function>',
  '{"name": "f", "arguments": ',
  '{{',
  '}}',
  '"tool_calls": [',
  '"function": ',
  'Function: f\n',
  'Arguments: ',
] as const

const asking = (more: object): WorkflowDocument =>
  parseWorkflow({
    version: 1,
    name: 'fuzzed',
    input: {},
    steps: [{ id: 'a', operator: 'generation', prompt: 'Go on.', retry: 0, ...more }],
    returns: 'a',
  })

const readers = new Map(
  Object.entries(SCHEMAS).map(([name, schema]) => [name, asking({ schema })] as const),
)
const names = [...readers.keys()]

const caller = parseWorkflow({
  version: 1,
  name: 'fuzzed',
  input: {},
  tools: [{ name: 'f', description: 'finds', parameters: { type: 'object' } }],
  steps: [{ id: 'a', operator: 'function_calling_raw', prompt: 'Go on.', retry: 0 }],
  returns: 'a',
})

const VALUES = { a: '{{xs}} }} \\', xs: ['b', { a: 2, xs: [3] }, []], o: { a: { b: 1 } }, text: '' }

/** What can be fuzzed, by name. */
export const TARGETS: Readonly<Record<string, Target>> = {
  workflow: workflowTarget(),
  template: textTarget('template', PROMPT_PIECES, readPrompt),
  answer: textTarget('answer', ANSWER_PIECES, readAnswer),
  toolcall: textTarget('toolcall', CALL_PIECES, (text) => walkOn(caller, {}, [text])),
}

function workflowTarget(): Target {
  const seeds = seedsOf('workflow')
  const stock: TextStock = { seeds: ['{{a}}', '{a}', 'x', '__result'], pieces: PROMPT_PIECES }
  return {
    name: 'workflow',
    seeds,
    make: (random) => makeJson(random, seeds, stock),
    read: readWorkflow,
  }
}

function textTarget(
  name: string,
  pieces: TextStock['pieces'],
  read: (text: string) => void,
): Target {
  const seeds = seedsOf(name)
  const stock = { seeds, pieces }
  return { name, seeds, read, make: (random: Random) => makeText(random, stock) }
}

/** Reads, checks, draws, runs and writes a workflow, ours or one of Dria's. */
function readWorkflow(text: string): void {
  const json = parsed(text)
  checkWorkflow(json)
  const document = shortened(isDria(json) ? fromDria(json) : parseWorkflow(json))
  workflowFrom(document).toMermaid()
  if (text.length % 8 === 0) refuseChange(document)
  refusable(() => toDria(document))
  walkOn(document, inputOf(document))
}

/** @throws TypeError for a document that is another one once it has travelled */
function refuseChange(document: WorkflowDocument): void {
  const again = parseWorkflow(JSON.parse(JSON.stringify(document)))
  if (workflowId(again) !== workflowId(document)) throw new TypeError('it changes on its way')
}

/** Does what may well be refused. */
function refusable(part: () => unknown): void {
  try {
    part()
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error
  }
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch (error) {
    throw new WorkflowError('INVALID_DOCUMENT', 'it is no JSON', { cause: error })
  }
}

function shortened(document: WorkflowDocument): WorkflowDocument {
  const maxSteps = Math.min(MAX_STEPS, document.limits?.maxSteps ?? MAX_STEPS)
  return { ...document, limits: { ...document.limits, maxSteps } }
}

/** A value for each input, of the type that its schema names. */
function inputOf({ input }: WorkflowDocument): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(input).map(([key, { type }]) => [key, SAMPLES.get(type) ?? 'geese {{a}}']),
  )
}

const SAMPLES: ReadonlyMap<unknown, unknown> = new Map<unknown, unknown>([
  ['array', ['a', 'b', 'c']],
  ['object', { a: 1 }],
  ['number', 7],
  ['integer', 7],
  ['boolean', true],
])

function readPrompt(prompt: string): void {
  const document = parseWorkflow({
    version: 1,
    name: 'fuzzed',
    input: { a: {}, xs: {}, o: {}, text: {} },
    steps: [{ id: 's', operator: 'generation', prompt }],
    returns: 's',
  })
  walkOn(document, VALUES)
}

/** The first line says how many schemas to pass over; the rest is the answer. */
function readAnswer(text: string): void {
  const end = text.indexOf('\n')
  const choice = text.slice(0, Math.max(0, end))
  const name = names.includes(choice) ? choice : (names[text.length % names.length] ?? '')
  const document = readers.get(name)
  if (document !== undefined) walkOn(document, {}, [text.slice(end + 1)])
}
