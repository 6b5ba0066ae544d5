import type { Home } from './skein.ts'

/** Programs that a user could have written, in a folder outside any project. */

const HEAD = `import { pipeline } from '@skein/client'
import { WorkflowBuilder } from '@skein/workflows'
import { z } from 'zod'
`

/** Asks the model for what it is given: scripted nodes give it back. */
export function echoProgram(home: Home, stepOptions: object = {}): Promise<string> {
  return home.file(
    'echo.ts',
    `${HEAD}
const echo = new WorkflowBuilder('echo', { text: z.string() })
  .generativeStep({ id: 'answer', prompt: '{{text}}' })
  .setReturnValue('answer')
  .build()
export const echoes = pipeline('echoes', { text: z.string() }).step(echo, ${JSON.stringify(stepOptions)})
`,
  )
}

/** Rows of the echo, as JSON lines. */
export function rowsFile(home: Home, count: number): Promise<string> {
  const rows = Array.from({ length: count }, (_, index) => JSON.stringify({ text: `row ${index}` }))
  return home.file('rows.jsonl', rows.join('\n'))
}

/** A workflow as JSON, with a mistake or without. */
export function workflowFile(home: Home, prompt: string): Promise<string> {
  return home.file('workflow.json', {
    version: 1,
    name: 'about',
    input: { topic: { type: 'string' } },
    steps: [{ id: 'answer', operator: 'generation', prompt }],
    returns: 'answer',
  })
}
