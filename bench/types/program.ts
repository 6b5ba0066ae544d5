/** Programs to be checked by the compiler: a long chain of steps, and one with none. */

const STEPS = 30
const PROMPT_CHARS = 5 * 1024

const SENTENCE =
  'Say it in the words of somebody who has flown with geese, and keep to what is known. '

/** A workflow of many steps; each reads the two before it, and the input, in a long prompt. */
export function chain(): string {
  const steps = Array.from({ length: STEPS }, (_, index) => step(index))
  return `${HEAD}
export const chain = new WorkflowBuilder('chain', { topic: z.string(), notes: z.array(z.string()) })
${steps.join('\n')}
  .setReturnValue('step${STEPS - 1}')
  .build()
`
}

/** The same imports, and nothing made of them. */
export function nothing(): string {
  return `${HEAD}\nexport const kept = [WorkflowBuilder, z]\n`
}

const HEAD = `import { WorkflowBuilder } from '@skein/workflows'\nimport { z } from 'zod'\n`

function step(index: number): string {
  const names = ['topic', `step${index - 1}`, `step${index - 2}`].slice(0, Math.min(3, index + 1))
  const reads = names.map((name) => `{{${name}}}`).join(' and ')
  const loop = '{{#each notes}}- {{this}}\\n{{/each}}{{#if topic}}On {{topic}}.{{/if}}'
  const start = `Step ${index}: ${reads}. ${loop} `
  const filling = SENTENCE.repeat(Math.ceil((PROMPT_CHARS - start.length) / SENTENCE.length))
  const schema = index % 5 === 4 ? `, schema: z.string().max(${1000 + index})` : ''
  return `  .generativeStep({ id: 'step${index}', prompt: \`${start}${filling}\`${schema} })`
}
