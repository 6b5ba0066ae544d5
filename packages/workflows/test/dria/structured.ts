/** Schemas as Dria's tasks carry them. */

const answerSchema = {
  properties: {
    question: { type: 'string' },
    keywords: { items: { type: 'string' }, type: 'array' },
  },
  required: ['question', 'keywords'],
  type: 'object',
}

/** A task with a schema in one of the four ways. */
export function structured(schema: unknown): object {
  return {
    config: { max_steps: 20, max_time: 100, tools: [] },
    tasks: [
      {
        id: 'A',
        messages: [{ role: 'user', content: 'Why?' }],
        schema,
        operator: 'generation',
        outputs: [{ type: 'write', key: 'answer', value: '__result' }],
      },
    ],
    steps: [{ source: 'A', target: '__end' }],
    return_value: { input: { type: 'read', key: 'answer' } },
  }
}

export const schemas = {
  object: answerSchema,
  text: JSON.stringify(answerSchema),
  capitals:
    '{"type": "OBJECT", "properties": {"question": {"type": "STRING"}, "keywords": {"type": "ARRAY", "nullable": true, "items": {"type": "STRING"}}}, "propertyOrdering": ["question"]}',
  wrapped: { type: 'json_schema', json_schema: { name: 'x', strict: true, schema: answerSchema } },
  expression: btoa(
    '\\{[ ]?"question"[ ]?:[ ]?"([^"\\\\\\x00-\\x1F\\x7F-\\x9F]|\\\\["\\\\])*"[ ]?,[ ]?"keywords"[ ]?:[ ]?\\[[ ]?(("([^"\\\\\\x00-\\x1F]|\\\\["\\\\])*")(,[ ]?("([^"\\\\\\x00-\\x1F]|\\\\["\\\\])*")){0,})?[ ]?\\][ ]?\\}',
  ),
}
