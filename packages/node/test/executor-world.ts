import { WorkflowBuilder } from '@skein/workflows'
import { z } from 'zod'
import type { LentModel } from '../src/catalogue.ts'
import { EngineError, type ModelInfo } from '../src/engines/engine.ts'
import { Execution, type Job } from '../src/executor.ts'
import { Speed } from '../src/speed.ts'
import { Toolbox } from '../src/tools/toolbox.ts'
import { HandEngine } from './hand-engine.ts'

export const single = new WorkflowBuilder('single', { topic: z.string() })
  .generativeStep({ id: 'poem', prompt: 'A poem about {{topic}}' })
  .setReturnValue('poem')
  .build()

export const double = new WorkflowBuilder('double', { topic: z.string() })
  .generativeStep({ id: 'draft', prompt: 'Draft {{topic}}' })
  .generativeStep({ id: 'final', prompt: 'Improve {{draft}}' })
  .setReturnValue('final')
  .build()

/** An execution in a world whose clock the test moves. */
export function begin(job: Partial<Job> = {}, info: Partial<ModelInfo> = {}) {
  const engine = new HandEngine({ name: 'm', digest: 'd', ...info })
  const world = { now: 0, engine, asked: [] as (readonly string[] | undefined)[] }
  const execution = new Execution(
    { document: single.document, input: { topic: 'tea' }, ...job },
    {
      now: () => world.now,
      patience: { firstTokenMs: 1000, betweenTokensMs: 100 },
      toolbox: new Toolbox(),
      embedder: () => undefined,
      borrow: () => undefined,
      model: async (wanted): Promise<LentModel> => {
        world.asked.push(wanted)
        const [model] = await engine.models()
        if (model === undefined) throw new EngineError('MODEL_MISSING', 'gone')
        return { info: model, engine, speed: new Speed() }
      },
    },
  )
  return { ...world, world, execution, ended: execution.run() }
}
