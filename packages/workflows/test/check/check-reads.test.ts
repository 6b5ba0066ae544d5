import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkWorkflow, parseWorkflow, WorkflowError, type Finding } from '../../src/index.ts'
import { drive, fails, step, workflow } from '../drive.ts'

const IDS = ['a', 'b', 'c', 'd'] as const
const id = fc.constantFrom(...IDS)
const place = fc.constantFrom(...IDS, '_end')

const prompt = fc.oneof(
  fc.constant('{{topic}}'),
  id.map((key) => `{{${key}}}`),
  id.map((key) => `{{#if ${key}}}yes{{/if}}`),
)

const edge = fc.record(
  {
    from: id,
    to: place,
    if: id.map((key) => ({ input: key, expression: 'Equal', expected: '1' })),
    else: place,
    fallback: id,
  },
  { requiredKeys: ['from', 'to'] },
)

/** Any workflow of four steps with any edges. */
const documents = fc
  .record({
    prompts: fc.tuple(prompt, prompt, prompt, prompt),
    edges: fc.array(edge, { maxLength: 6 }),
    returns: id,
  })
  .map(({ prompts, edges, returns }) =>
    workflow({
      input: { topic: { type: 'string' } },
      steps: IDS.map((key, index) => step(key, prompts[index] ?? '')),
      edges: edges.map((one) => (one.if === undefined ? { ...one, else: undefined } : one)),
      returns,
    }),
  )
  .map((document): unknown => JSON.parse(JSON.stringify(document)))

const answers = fc.array(fc.constantFrom('0', '1', fails('no')), { minLength: 5, maxLength: 5 })

/** Why a run ended; empty where it came to its end. */
function ending(document: unknown, script: Parameters<typeof drive>[2]['script']): string {
  try {
    drive(document, { topic: 'geese' }, { script })
    return ''
  } catch (error) {
    if (error instanceof WorkflowError) return error.code
    throw error
  }
}

const ABOUT_VALUES: ReadonlySet<string> = new Set([
  'READ_BEFORE_WRITTEN',
  'MAYBE_UNWRITTEN',
  'UNWRITTEN_RETURN',
])

function isAboutValues({ code }: Finding): boolean {
  return ABOUT_VALUES.has(code)
}

function isCertainAtStart({ severity, path }: Finding): boolean {
  return severity === 'error' && path.startsWith('steps[0]')
}

/** How a run cannot end by what was found. */
function excluded(hasValues: boolean, isHopeless: boolean): readonly string[] {
  return [...(hasValues ? ['MISSING_VALUE'] : []), ...(isHopeless ? [''] : [])]
}

describe('what a check says of keys', () => {
  it('[D15] is true of every run: none lacks a value that was not named', () => {
    const scripts = fc.record({ a: answers, b: answers, c: answers, d: answers })
    fc.assert(
      fc.property(documents, scripts, (document, script) => {
        const named = checkWorkflow(parseWorkflow(document)).filter(isAboutValues)
        const isHopeless = named.some(isCertainAtStart)
        expect(excluded(named.length === 0, isHopeless)).not.toContain(ending(document, script))
      }),
      { numRuns: 1000 },
    )
  })
})
