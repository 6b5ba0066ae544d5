import type { Message, ToolSpec } from '@skein/workflows'

/** The conversation with a word on the tools in front, in the way that most models were taught. */
export function withToolPrompt(
  messages: readonly Message[],
  tools: readonly ToolSpec[],
): readonly Message[] {
  const listed = tools.map((tool) => JSON.stringify(tool)).join('\n')
  const told = `You may call these functions:\n<tools>\n${listed}\n</tools>\nTo call one, answer with nothing but its name and arguments as JSON in tags:\n<tool_call>{"name": "…", "arguments": {…}}</tool_call>\nYou will be told what it gives. When you need none, answer in words.`
  const [first, ...rest] = messages
  if (first?.role !== 'system') return [{ role: 'system', content: told }, ...messages]
  return [{ ...first, content: `${first.content}\n\n${told}` }, ...rest]
}
