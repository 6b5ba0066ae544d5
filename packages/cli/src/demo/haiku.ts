import { pipeline } from '@skein/client'
import { WorkflowBuilder } from '@skein/workflows'
import { z } from 'zod'

const rewrite = new WorkflowBuilder('rewrite', { instruction: z.string() })
  .generativeStep({
    id: 'variations',
    prompt:
      'Rewrite 5 variations of given instruction by making small changes. Instruction: {{instruction}}. Output a single Python list for new instructions, and nothing else. New instructions:',
    schema: z.array(z.string()).length(5),
  })
  .setReturnValue('variations')
  .build()

const execute = new WorkflowBuilder('execute', { instruction: z.string() })
  .generativeStep({ id: 'answer', prompt: '{{instruction}}' })
  .setReturnValue('answer')
  .build()

/** One instruction becomes five; every node that is free carries out one of them. */
export const haiku = pipeline('haiku', { instruction: z.string() })
  .step(rewrite)
  .scatter()
  .step(execute)
