import { describe, expect, it } from 'vitest'
import { checkWorkflow } from '../../src/index.ts'

function task(id: string, more: object = {}): object {
  return {
    id,
    operator: 'generation',
    messages: [{ role: 'user', content: 'x' }],
    outputs: [{ type: 'write', key: id }],
    ...more,
  }
}

/** A tool with one parameter of a type. */
function custom(name: string, type: string): object {
  return { name, mode: 'custom', parameters: { properties: { p: { type } } } }
}

function errors(config: object, tasks: readonly object[]): readonly string[] {
  return checkWorkflow({
    config: { max_steps: 5, max_time: 60, tools: ['jina'], ...config },
    tasks,
    steps: [{ source: 'a', target: '_end' }],
    return_value: { input: { type: 'read', key: 'a' } },
  })
    .filter(({ severity }) => severity === 'error')
    .map(({ path, message }) => `${path}: ${message}`)
}

function nowhere(id: string): string {
  return `there is no task '${id}': the workflow ends there, or never comes there / There are 'a', 'b'. Name one of them, or "_end".`
}

const unknown = 'the schema cannot be used: the type "x" is not known'

describe("a check of the parts of one of Dria's workflows", () => {
  it('[D15] finds every schema and tool that cannot be used, where it stands in their JSON', () => {
    const request = { name: 'r', mode: 'http_request', url: 'https://x/', method: 'GET' }
    const tasks = [
      { id: '_end', operator: 'end' },
      task('a', { schema: { properties: { q: { type: 'x' } } } }),
    ]
    const tools = { custom_tools: [custom('s', 'string'), custom('t', 'x'), request, request] }
    expect(errors(tools, tasks)).toEqual([
      `config.custom_tools[1].parameters.properties.p: ${unknown}`,
      "config.custom_tools[3].name: two tools are called 'r'",
      `tasks[1].schema.properties.q: ${unknown}`,
    ])
  })

  it('[D15] finds what their executor takes and ours cannot', () => {
    expect(errors({ tools: [''] }, [task('a')])).toEqual([
      'config.tools[0]: expected at least 1 character, found 0',
    ])
    expect(
      errors({}, [
        task('a', {
          outputs: [
            { type: 'write', key: 'a' },
            { type: 'write', key: 'b]' },
          ],
        }),
      ]),
    ).toEqual(['tasks[0].outputs[1].key: a name has no brackets, slashes or line breaks'])
  })

  it('[D15] names the task whose schema cannot be read', () => {
    const broken = task('a', { schema: 'no schema' })
    expect(errors({}, [{ id: '_end', operator: 'end' }, broken])).toEqual([
      "tasks[1]: task 'a': the schema is neither JSON nor a regular expression in base64",
    ])
  })

  it('[D15] tells edges that lead nowhere, and words in braces that are no input, with the mend', () => {
    const reads = [{ name: 'topic', value: { type: 'read', key: 'topic' } }]
    const asks = (content: string): object => {
      return { prompt: content, messages: [{ role: 'user', content }], inputs: reads }
    }
    const found = checkWorkflow({
      config: { max_steps: 5, max_time: 60 },
      tasks: [task('a', asks('About {{ topci }}')), task('b', asks('About {topic} and {other}'))],
      steps: [
        { source: 'a', target: 'b', fallback: 'c' },
        {
          source: 'b',
          target: '__end',
          fallback: '',
          condition: {
            input: { type: 'read', key: 'b' },
            expected: 'x',
            expression: 'Equal',
            target_if_not: 'd',
          },
        },
      ],
      return_value: {
        input: [
          { type: 'read', key: 'a' },
          { type: 'read', key: 'b' },
        ],
      },
    })
    const stray =
      "'topci' is no input of the task and stays as it is, while its input 'topic' goes unused / Write {{topic}} if that is meant."
    expect(
      found
        .filter(({ code }) => code === 'UNKNOWN_STEP' || code === 'UNKNOWN_KEY')
        .map(({ severity, path, message, mend }) => `${severity} ${path}: ${message} / ${mend}`),
    ).toEqual([
      `warning steps[0].fallback: ${nowhere('c')}`,
      `warning steps[1].condition.target_if_not: ${nowhere('d')}`,
      `warning tasks[0].messages[0].content: ${stray}`,
      `warning tasks[0].prompt: ${stray}`,
    ])
  })
})
