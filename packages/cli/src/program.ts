import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import type { ExitCode } from './exit-codes.ts'
import type { Terminal } from './terminal.ts'

/** What a command is given. */
export interface Context {
  readonly terminal: Terminal
  /** Sets what the shell is told at the end. 0 unless called. */
  exit(code: ExitCode): void
}

/** Gives a command its options and its action. */
export type Define = (command: Command, context: Context) => void

/** A command as `skein --help` lists it. */
export interface CommandEntry {
  readonly name: string
  readonly summary: string
  /** Loads the file that defines it. */
  readonly load: () => Promise<Define>
}

const EPILOGUE = `
Start here:
  skein demo                          see it work, nothing to set up
  skein node start                    lend this machine's models
  skein run FILE.ts --input k=v       run your own pipeline on them

Exit codes: 0 done, 1 failed, 2 wrong use, 3 no node or network, 4 done with failures, 130 interrupted.`

/** Makes the program with every command listed, and only those that `argv` names loaded. */
export async function buildProgram(
  entries: readonly CommandEntry[],
  argv: readonly string[],
  context: Context,
): Promise<Command> {
  const { data, talk } = context.terminal
  const program = new Command('skein')
    .description('Pipelines of prompts over machines that lend their local models.')
    .version(version(), '-v, --version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .addHelpText('after', EPILOGUE)
    .showHelpAfterError('Run skein --help for what there is.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => data.line(text.trimEnd()),
      writeErr: (text) => talk.line(text.trimEnd()),
      getOutHelpWidth: () => data.columns,
      getErrHelpWidth: () => talk.columns,
      outputError: (text, write) => write(text.replace(/^error:/, talk.paint('red', 'error:'))),
    })
  const named = new Set(argv.filter((argument) => !argument.startsWith('-')).slice(0, 2))
  for (const { name, summary, load } of entries) {
    const command = program.command(name).description(sentence(summary)).summary(summary)
    if (named.has(name)) (await load())(command, context)
    pointToHelp(command, `skein ${name}`)
  }
  return program
}

/** An error of a command names the help of that very command. */
function pointToHelp(command: Command, path: string): void {
  command.showHelpAfterError(`Run ${path} --help for how it is used.`)
  for (const inner of command.commands) pointToHelp(inner, `${path} ${inner.name()}`)
}

/** The version of this package. */
export function version(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  )
  const known = typeof manifest === 'object' && manifest !== null && 'version' in manifest
  return known ? String(manifest.version) : 'unknown'
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`
}
