import { CommanderError } from 'commander'
import { calledAs } from './called.ts'
import { COMMANDS } from './commands.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { explain } from './explain.ts'
import { buildProgram } from './program.ts'
import { createTerminal, type Terminal } from './terminal.ts'
import { printable } from './views/text.ts'

/** How long what is open may take to come to its end by itself. */
const LEAVE_MS = 2000

/**
 * Runs one `skein` command and sets the exit code of this process.
 *
 * @param argv what follows `skein` on the command line
 */
export async function main(argv: readonly string[]): Promise<void> {
  const terminal = createTerminal()
  // Thrown where nobody waits for it: nothing is left to trust, so this is the last resort.
  process.on('uncaughtException', (error) => process.exit(tell(error, terminal)))
  process.exitCode = await run(argv, terminal)
  leaveSoon()
}

/** What a program of the user has left open would keep this process for ever. */
function leaveSoon(): void {
  setTimeout(() => {
    const isTelling = process.stdout.writableLength + process.stderr.writableLength > 0
    if (isTelling) leaveSoon()
    else process.exit()
  }, LEAVE_MS).unref()
}

/** The same for tests: any terminal, and the exit code as a value. Never rejects. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok
  const asked = isKnown(argv) ? argv : argv.filter((argument) => !HELP.has(argument))
  try {
    const program = await buildProgram(COMMANDS, argv, {
      terminal,
      exit: (code) => {
        exitCode = code
      },
    })
    await program.parseAsync(asked, { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    return tell(error, terminal)
  }
}

const HELP: ReadonlySet<string> = new Set(['-h', '--help'])

/** Whether the help that is asked for is there: of a command that is none there is only the mistake to tell. */
function isKnown(argv: readonly string[]): boolean {
  const [first] = argv
  if (first === undefined || first.startsWith('-') || first === 'help') return true
  return COMMANDS.some(({ name }) => name === first)
}

function tell(error: unknown, { talk }: Terminal): ExitCode {
  const { message, mend, exitCode, bug } = explain(error)
  const called = calledAs(process.env)
  talk.line(`${talk.paint('red', 'error:')} ${asCalled(printable(message), called)}`)
  if (mend !== undefined) talk.line(asCalled(printable(mend), called))
  if (bug) {
    const debugging = process.env['SKEIN_DEBUG'] !== undefined
    talk.line(
      debugging && error instanceof Error
        ? (error.stack ?? '')
        : 'This is a fault of skein, or of the program that it runs. SKEIN_DEBUG=1 shows where.',
    )
  }
  return exitCode
}

/** Commands in a text, so that they can be copied; those that are called so already are left. */
function asCalled(text: string, called: string): string {
  const names = COMMANDS.map(({ name }) => name).join('|')
  return text.replaceAll(new RegExp(`(?:\\bnpx )?\\bskein (?=(?:${names})\\b)`, 'g'), `${called} `)
}
