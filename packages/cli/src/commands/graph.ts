import type { Define } from '../program.ts'

const EXAMPLES = `
Examples:
  skein graph workflow.json
  skein graph haiku.ts --mermaid > haiku.mmd`

interface GraphOptions {
  readonly export?: string
  readonly mermaid?: boolean
  readonly json?: boolean
}

/** `skein graph`: what leads where in a workflow or pipeline. */
export const defineGraph: Define = (command, { terminal }) => {
  command
    .argument('<file>', "a workflow as JSON (ours, or Dria's), or a program that exports one")
    .option('--export <name>', 'which of the exports, where the file has several')
    .option('--mermaid', 'as a Mermaid diagram, which GitHub and many editors draw')
    .option('--json', 'print one JSON object: name, kind, graph')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: GraphOptions) => {
      const { loadProgram } = await import('../program-file.ts')
      const { printable } = await import('../views/text.ts')
      const { name, kind, drawing } = await loadProgram(file, options.export)
      const graph = options.mermaid ? drawing.toMermaid() : drawing.describe()
      const { data } = terminal
      data.line(options.json ? JSON.stringify({ name, kind, graph }) : printable(graph))
    })
}
