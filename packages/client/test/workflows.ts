import { WorkflowBuilder } from '@skein/workflows'
import { z } from 'zod'

export const rewrite = new WorkflowBuilder('rewrite', { instruction: z.string() })
  .generativeStep({
    id: 'variations',
    prompt: 'Rewrite this instruction in 5 ways: {{instruction}}',
    schema: z.array(z.string()),
  })
  .setReturnValue('variations')
  .build()

export const execute = new WorkflowBuilder('execute', { instruction: z.string() })
  .generativeStep({ id: 'answer', prompt: '{{instruction}}' })
  .setReturnValue('answer')
  .build()

export const judge = new WorkflowBuilder('judge', { instruction: z.string(), answer: z.string() })
  .generativeStep({
    id: 'score',
    prompt: 'Score the answer.\nInstruction: {{instruction}}\nAnswer: {{answer}}',
    schema: z.object({ score: z.number(), why: z.string() }),
  })
  .setReturnValue('score')
  .build()
