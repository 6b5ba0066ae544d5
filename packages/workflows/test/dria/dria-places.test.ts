import { describe, expect, it } from 'vitest'
import { DriaDocument } from '../../src/dria/dria-document.ts'
import { placesInDria } from '../../src/dria/dria-places.ts'

const said = { role: 'user', content: 'x' }
const ask = { operator: 'generation', prompt: 'x' }

const place = placesInDria(
  DriaDocument.parse({
    config: { max_steps: 1, max_time: 1, tools: ['search', 'ALL'] },
    tasks: [
      { id: 'start', operator: 'end' },
      { id: 'A', operator: 'generation', messages: [said, said] },
      { id: 'stop', operator: 'end' },
      { id: 'B', ...ask },
      { id: 'C', ...ask, messages: [said] },
      { id: 'D', ...ask, operator: 'search', messages: [said] },
      { id: 'E', ...ask, operator: 'sample', messages: [said] },
      { id: 'F', ...ask, operator: 'sample' },
    ],
    steps: [
      { source: 'nobody', target: 'A' },
      { source: 'A', target: 'B' },
      { source: 'stop', target: 'B' },
      { source: 'B', target: 'A' },
    ],
    return_value: { input: { type: 'read', key: 'x' } },
  }),
)

describe("a place in a workflow that was made of Dria's JSON", () => {
  it.each([
    ['steps[0]', 'tasks[1]'],
    ['steps[0].prompt', 'tasks[1].messages[1].content'],
    ['steps[0].messages[0].content', 'tasks[1].messages[0].content'],
    ['steps[0].inputs', 'tasks[1].inputs'],
    ['steps[0].inputs.name', 'tasks[1].inputs'],
    ['steps[0].outputs[1].key', 'tasks[1].outputs[1].key'],
    ['steps[1].prompt', 'tasks[3].prompt'],
    ['steps[1].id', 'tasks[3].id'],
    ['steps[2].prompt', 'tasks[4].prompt'],
    ['steps[3].query', 'tasks[5].messages[0].content'],
    ['steps[4].prompt', 'tasks[6].messages[0].content'],
    ['steps[4].from.name', 'tasks[6].messages[0].content'],
    ['steps[5].prompt', 'tasks[7].prompt'],
    ['steps[0].inputs.prompt', 'tasks[1].inputs'],
    ['limits.maxTokens', 'limits.maxTokens'],
    ['edges[0]', 'steps[1]'],
    ['edges[1].from', 'steps[3].source'],
    ['edges[0].to', 'steps[1].target'],
    ['edges[0].if.input', 'steps[1].condition.input'],
    ['edges[0].else', 'steps[1].condition.target_if_not'],
    ['edges[0].fallback', 'steps[1].fallback'],
    ['edges[2].to', 'steps'],
    ['edges[10].to', 'steps'],
    ['input.topic', 'external_memory.topic'],
    ['memory.topic', 'external_memory.topic'],
    ['inputs.topic', 'inputs.topic'],
    ['tools[1]', 'config.tools[1]'],
    ['tools[2]', 'config.custom_tools[0]'],
    ['tools[12].http.url', 'config.custom_tools[10].url'],
    ['tools[3].parameters.http', 'config.custom_tools[1].parameters.http'],
    ['limits', 'config.max_steps'],
    ['limits.maxSteps', 'config.max_steps'],
    ['returns', 'return_value.input'],
    ['', ''],
  ])('[D14] is told as the place it came from: %s', (ours, theirs) => {
    expect(place(ours)).toBe(theirs)
  })
})
