import { EXIT } from '../exit-codes.ts'
import type { Define } from '../program.ts'

const EXAMPLES = `
It finds keys that are read before anything writes them or never read, steps that never run or never end, return
values that nothing writes, and steps of a pipeline that do not fit what they are given; each with its place and
what to do. Nothing is run and no model is called.

Exit codes: 0 no error (warnings are allowed), 1 errors found, 2 the file cannot be read.

Examples:
  skein check workflow.json
  skein check haiku.ts --json`

/** `skein check`: mistakes of the workflows of a file. */
export const defineCheck: Define = (command, context) => {
  command
    .argument(
      '<file>',
      "a workflow as JSON (ours, or Dria's), a pipeline as JSON or TOML, or a program",
    )
    .option('--json', 'print one JSON object: file, errors, warnings, findings')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, { json }: { readonly json?: boolean }) => {
      const { checkFile } = await import('../check-file.ts')
      const { countFindings, drawFindings } = await import('../views/findings.ts')
      const findings = await checkFile(file)
      const errors = findings.filter(({ severity }) => severity === 'error').length
      const { data, talk } = context.terminal
      if (json) {
        const warnings = findings.length - errors
        data.line(JSON.stringify({ file, errors, warnings, findings }))
      } else {
        for (const line of drawFindings(file, findings, data.paint)) data.line(line)
        talk.line(`${file}: ${countFindings(findings)}`)
      }
      context.exit(errors > 0 ? EXIT.failed : EXIT.ok)
    })
}
