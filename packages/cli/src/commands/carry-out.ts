import type { Client, Run, RunOptions } from '@skein/client'
import { CliError } from '../errors.ts'
import type { ExitCode } from '../exit-codes.ts'
import { watchInterrupts } from '../interrupt.ts'
import { connect, connectLocally, troublesOf, type NetworkOptions } from '../network.ts'
import type { Program } from '../program-file.ts'
import type { Terminal } from '../terminal.ts'
import { HOW_TO_START } from '../views/network.ts'
import { unstartedJson } from '../views/result-json.ts'
import { watchRun } from '../watch-run.ts'
import { insistOnWritable, tellFailure, tellResult, type TellOptions } from './tell-result.ts'

/** How a run is carried out and told. */
export interface CarryOutOptions extends NetworkOptions, TellOptions {
  readonly trace?: boolean
  readonly local?: boolean
  /** Seconds; true: for ever. */
  readonly waitForNodes?: number | true
}

/** What is to run. */
export interface Job {
  readonly program: Program
  /** Whether it is one workflow on one input: then its steps are told. */
  readonly isOne: boolean
  readonly begin: (client: Client, options: RunOptions) => Run<unknown, unknown>
}

/** Finds nodes, shows how the run goes and prints what came of it. */
export async function carryOut(
  { program, isOne, begin }: Job,
  options: CarryOutOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  if (options.save !== undefined) insistOnWritable(options.save)
  const { talk } = terminal
  using interrupts = watchInterrupts({
    onFirst: () => talk.line('Stopping; what is done is kept. Ctrl-C again quits at once.'),
  })
  const { signal } = interrupts
  await using connection = await (options.local
    ? connectLocally(options, program.needsNodes)
    : connect(options))
  const { client, notes } = connection
  if (program.needsNodes) insistOnNodes(client, options, terminal)
  const tellNotes = (): void => {
    for (const note of notes) talk.line(talk.paint('yellow', note))
  }
  if (program.needsNodes) tellNotes()
  const trace = options.trace && { trace: true }
  const run = begin(client, { signal, ...waiting(options), ...trace })
  const nodes = program.needsNodes && { nodes: () => client.nodes().map((node) => node.name) }
  const watched = watchRun(run, { name: program.name, signal, terminal, ...nodes })
  try {
    const result = await run
    await watched
    // A step that is a function may have asked a model all the same.
    if (!program.needsNodes && result.stats.nodes > 0) tellNotes()
    return await tellResult(result, { ...options, isOne }, terminal)
  } catch (error) {
    await watched
    return tellFailure(error, options, terminal)
  }
}

/** Says at once what is missing, instead of letting a run wait for it. */
function insistOnNodes(
  client: Client,
  { waitForNodes, json }: CarryOutOptions,
  { data }: Terminal,
): void {
  if (waitForNodes !== undefined || client.nodes().length > 0) return
  const troubles = troublesOf(client).map((trouble) => `\n  ${trouble}`)
  const message = `no node of your network can be reached${troubles.join('')}`
  if (json) data.line(JSON.stringify(unstartedJson({ code: 'NO_NODES', message })))
  throw new CliError('UNREACHABLE', message, {
    mend:
      `${HOW_TO_START}\n` +
      'Or lend this machine to this run alone: --local. Or wait for a node: --wait-for-nodes.',
  })
}

function waiting({ waitForNodes }: CarryOutOptions): RunOptions {
  if (waitForNodes === undefined) return {}
  return { waitForNodes: waitForNodes === true ? true : waitForNodes * 1000 }
}
