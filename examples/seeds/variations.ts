import { pipeline } from '@skein/client'
import { END, WorkflowBuilder, Write } from '@skein/workflows'
import { z } from 'zod'

/**
 * Pipelines of workflows: rewrite an instruction in five ways, scatter them, and carry out each of them, all at
 * once on whatever nodes there are.
 */

const firstStep = new WorkflowBuilder('generate_variations', { instruction: z.string() })
  .generativeStep({
    id: 'generate_variations',
    path: 'Rewrite 5 variations of given instruction by making small changes. Instruction: {{instruction}}. Output a single Python list for new instructions, and nothing else. New instructions:',
    operator: 'generation',
    schema: z.array(z.string()),
    outputs: [Write('variations')],
  })
  .edge('generate_variations', END)
  .setReturnValue('variations')
  .build()

const secondStep = new WorkflowBuilder('execute_instruction', { instruction: z.string() })
  .generativeStep({
    id: 'execute_instruction',
    path: '{{instruction}}',
    operator: 'generation',
    outputs: [Write('output')],
  })
  .edge('execute_instruction', END)
  .setReturnValue('output')
  .build()

export const basicPipeline = pipeline('basic', { instruction: z.string() })
  .step(firstStep)
  .scatter()
  .step(secondStep)

const subtopicsOf = new WorkflowBuilder('subtopics', { topic: z.string() })
  .generativeStep({
    id: 'list',
    prompt: 'List subtopics of {{topic}} as JSON.',
    schema: z.array(z.string()),
  })
  .setReturnValue('list')
  .build()

/** A custom callback: the lists of all topics as one list, under the name that the next step wants. */
export const subtopics = pipeline('subtopics', { topics: z.array(z.string()) })
  .scatter('topics')
  .step(subtopicsOf, { with: ({ topics }) => ({ topic: topics }) })
  .callback((results) => ({ subtopics: results.flatMap(({ output }) => output) }))

/** Broadcast duplicates a value, aggregate combines many into one. */
export const opinions = pipeline('opinions', { instruction: z.string() })
  .broadcast(3)
  .step(secondStep)
  .aggregate()
