import { Command } from 'commander'
import { expect, it } from 'vitest'
import { COMMANDS } from '../src/commands.ts'
import { recordTerminal } from './recorded-terminal.ts'

const HEAD = `# Commands

Every command and option of \`skein\`; \`skein help COMMAND\` shows the same with examples. \`docs/guide.md\` is the way through them.
A test writes this file: \`npx vitest run packages/cli/test/commands-document.test.ts -u\`.
`

/** A text in a cell of a table. */
function cell(text: string): string {
  return text.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ')
}

function table(rows: readonly (readonly [string, string])[]): string {
  const widest = Math.max(...rows.map(([first]) => first.length))
  const broadest = Math.max(...rows.map(([, second]) => second.length))
  const line = ([first, second]: readonly [string, string]) =>
    `| ${first.padEnd(widest)} | ${second.padEnd(broadest)} |`
  const [head = ['', ''], ...others] = rows
  const rule = `| ${'-'.repeat(widest)} | ${'-'.repeat(broadest)} |`
  return [line(head), rule, ...others.map(line)].join('\n')
}

/** What a command takes, and those inside it. */
function sections(command: Command, path: string): string[] {
  const given = command.registeredArguments.map((argument) => {
    const name = argument.variadic ? `${argument.name()}...` : argument.name()
    return [argument.required ? `<${name}>` : `[${name}]`, argument.description] as const
  })
  const options = command.options.filter(({ hidden }) => !hidden)
  const rows = [...given, ...options.map(({ flags, description }) => [flags, description] as const)]
  const cells = rows.map(([name, text]) => [cell(`\`${name}\``), cell(text)] as const)
  const own = [
    `## ${path}\n\n${command.description()}`,
    ...(rows.length === 0 ? [] : [table([['takes', ''], ...cells])]),
  ]
  return [
    own.join('\n\n'),
    ...command.commands.flatMap((inner) => sections(inner, `${path} ${inner.name()}`)),
  ]
}

it('[B8] publishes every option of every command: vitest -u writes it anew', async () => {
  const context = { terminal: recordTerminal(), exit: () => {} }
  const commands = await Promise.all(
    COMMANDS.map(async ({ name, summary, load }) => {
      const command = new Command(name).description(
        `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
      )
      const define = await load()
      define(command, context)
      return sections(command, `skein ${name}`)
    }),
  )
  const text = `${[HEAD.trimEnd(), ...commands.flat()].join('\n\n')}\n`
  await expect(text).toMatchFileSnapshot('../../../docs/commands.md')
})
