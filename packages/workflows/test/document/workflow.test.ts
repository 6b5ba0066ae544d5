import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { parseWorkflow, WorkflowBuilder, workflowFrom, workflowId } from '../../src/index.ts'
import { step, workflow } from '../drive.ts'

const document = parseWorkflow(workflow({ steps: [step('a', 'x'), step('b', 'y')], returns: 'b' }))

describe('the id of a workflow', () => {
  it('[F14] is the same for the same document, whatever the order of its keys', () => {
    const other = { returns: 'b', steps: document.steps, input: {}, name: 'w', version: 1 }
    expect(workflowId(parseWorkflow(other))).toBe(workflowId(document))
    expect(workflowId(document)).toMatch(/^[0-9a-f]{64}$/)
  })

  it('[F14] is what it was in every version', () => {
    expect(workflowId(document)).toBe(
      '14b65e11ab6f23edc436b6c560509755a7350ea80f1bdda4085ff198bcc4a983',
    )
  })

  it('[F14] changes with any prompt, schema, edge or limit', () => {
    const changes = [
      { name: 'v' },
      { steps: [step('a', 'x!'), step('b', 'y')] },
      { steps: [step('a', 'x', { schema: { type: 'number' } }), step('b', 'y')] },
      { edges: [{ from: 'a', to: 'b' }] },
      { limits: { maxSteps: 7 } },
      { returns: ['b'] },
    ]
    const ids = changes.map((change) => workflowId(parseWorkflow({ ...document, ...change })))
    expect(new Set([workflowId(document), ...ids]).size).toBe(changes.length + 1)
  })
})

describe('a workflow', () => {
  it('is made of a document', () => {
    const made = workflowFrom(document)
    expect(made).toMatchObject({ name: 'w', id: workflowId(document), document })
    expect(JSON.parse(JSON.stringify(made))).toEqual(document)
  })

  it('[F9] draws its steps, edges, conditions and fallbacks, the same every time', () => {
    const built = new WorkflowBuilder('w', { topic: z.string(), list: z.array(z.string()) })
      .generativeStep({ id: 'ask', prompt: '{{topic}}' })
      .generativeStep({ id: 'check "it"', prompt: '{{ask}}' })
      .searchStep({ id: 'find', query: '{{topic}}' })
      .mapStep({ id: 'all', over: 'list', as: 'item' }, (item) =>
        item.generativeStep({ id: 'one', prompt: '{{item}}' }).setReturnValue('one'),
      )
      .parallelStep({
        id: 'both',
        branches: {
          left: (branch) => branch.generativeStep({ id: 'l', prompt: 'x' }).setReturnValue('l'),
          right: (branch) => branch.generativeStep({ id: 'r', prompt: 'y' }).setReturnValue('r'),
        },
      })
      .edge('ask', 'check "it"', { fallback: 'find' })
      .edge('check "it"', '_end', { if: (m) => m.ask.contains('<yes>'), else: 'ask' })
      .setReturnValue('ask')
      .build()
    expect(built.toMermaid()).toMatchInlineSnapshot(`
      "flowchart TD
        s_start(( )) --> s0
        s0["ask"]
        s1["check #quot;it#quot;"]
        s2["find (search)"]
        subgraph s3 ["all (map)"]
          s3m_start(( )) --> s3m0
          s3m0["one"]
          s3m_end(("end"))
          s3m0 --> s3m_end
        end
        subgraph s4 ["both (parallel)"]
          subgraph s4b0 ["left"]
            s4b0s_start(( )) --> s4b0s0
            s4b0s0["l"]
            s4b0s_end(("end"))
            s4b0s0 --> s4b0s_end
          end
          subgraph s4b1 ["right"]
            s4b1s_start(( )) --> s4b1s0
            s4b1s0["r"]
            s4b1s_end(("end"))
            s4b1s0 --> s4b1s_end
          end
        end
        s_end(("end"))
        s0 --> s1
        s0 -.->|on failure| s2
        s1 -->|"ask contains #lt;yes#gt;"| s_end
        s1 -->|else| s0
        s2 --> s3
        s3 --> s4
        s4 --> s_end"
    `)
  })
})
