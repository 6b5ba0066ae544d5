import { WorkflowDocument } from '@skein/workflows'
import { expect, it } from 'vitest'
import { z } from 'zod'

it('[D14] publishes the JSON Schema of workflows as they travel: vitest -u writes it anew', async () => {
  const schema = z.toJSONSchema(WorkflowDocument, { unrepresentable: 'any', reused: 'ref' })
  const text = `${JSON.stringify({ title: 'A Skein workflow', ...schema }, undefined, 2)}\n`
  await expect(text).toMatchFileSnapshot('../../docs/workflow.schema.json')
})
