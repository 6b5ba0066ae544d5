import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, RunError, type ModelSummary, type RunResult } from '@skein/client'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { explain } from '../explain.ts'
import { watchInterrupts } from '../interrupt.ts'
import type { Terminal } from '../terminal.ts'
import { drawAnswers, drawNextSteps, introduceModel } from '../views/demo.ts'
import { drawFailures, drawFigures } from '../views/results.ts'
import { counted } from '../views/text.ts'
import { watchRun } from '../watch-run.ts'
import { startFleet } from './fleet.ts'
import { haiku } from './haiku.ts'

/** The step of the pipeline whose answers the demonstration is about. */
const LAST_STEP = 'execute'

/** The nodes have said that they are ready: only a machine at its limit makes this wait. */
const PATIENCE_MS = 30_000

export interface DemoOptions {
  readonly instruction: string
  readonly nodes: number
  readonly model?: string
}

/** Runs the example pipeline on real nodes, in processes of their own that are gone afterwards. */
export async function runDemo(options: DemoOptions, terminal: Terminal): Promise<ExitCode> {
  const { talk } = terminal
  await using open = new AsyncDisposableStack()
  const { signal } = open.use(watchInterrupts({ onFirst: () => talk.line('Stopping the nodes …') }))
  talk.line(`Starting ${counted(options.nodes, 'node')} on this machine …`)
  const home = await mkdtemp(join(tmpdir(), 'skein-demo-'))
  open.defer(() => rm(home, { recursive: true, force: true }))
  const fleet = open.use(await startFleet({ count: options.nodes, home, signal }))
  const addresses = fleet.nodes.flatMap((node) => node.addresses)
  const client = open.use(
    await Client.connect({ home, addresses, name: 'skein demo', patienceMs: PATIENCE_MS }),
  )
  const model = chooseModel(client.models(), options.model)
  const names = fleet.nodes.map((node) => node.name)
  for (const line of introduceModel(model, names, options.instruction)) talk.line(line)

  const run = client.run(
    haiku,
    { instruction: options.instruction },
    { models: [model.name], signal },
  )
  const watched = watchRun(run, { name: haiku.name, signal, terminal })
  try {
    const result = await run
    await watched
    return tell(result, terminal)
  } catch (error) {
    await watched
    if (!(error instanceof RunError)) throw error
    const { message, exitCode } = explain(error)
    if (error.result.failures.length > 1) talk.line(drawFailures(error.result.failures, talk.paint))
    talk.line(`${talk.paint('red', 'error:')} ${message}`)
    return exitCode
  }
}

function chooseModel(models: readonly ModelSummary[], wanted: string | undefined): ModelSummary {
  const able = models.filter(({ capabilities }) => capabilities.includes('chat'))
  const found = able.find(({ name }) => wanted === undefined || name === wanted)
  if (found) return found
  const names = able.map(({ name }) => name).join(', ')
  throw new CliError(
    'UNREACHABLE',
    `no node has the model ${wanted ?? 'that the demonstration needs'}`,
    {
      mend: names === '' ? 'skein doctor says what this machine has.' : `There is: ${names}.`,
    },
  )
}

function tell(result: RunResult<readonly string[]>, { data, talk }: Terminal): ExitCode {
  const answers = result.tasks.filter(({ step }) => step === LAST_STEP)
  talk.line('')
  data.line(drawAnswers(answers, data.paint))
  talk.line(drawFigures(result.stats))
  talk.line(drawNextSteps(talk.paint, import.meta.url.endsWith('.ts')))
  return EXIT.ok
}
