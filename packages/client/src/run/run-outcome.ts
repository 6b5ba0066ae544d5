import { isList } from '../guards.ts'
import { save } from '../data/save.ts'
import type { Ancestries, Ancestry } from './ancestry.ts'
import type { RunResult } from './run-result.ts'
import { sayable } from './sayable.ts'

type Parts<T> = Omit<RunResult<T>, 'ok' | 'summary' | 'toJSON' | 'lineage' | 'save'> & {
  readonly ancestries: Ancestries
}

/** What a run came to, which can tell of itself. */
export class RunOutcome<T> implements RunResult<T> {
  readonly id: string
  readonly name: string
  readonly state: Parts<T>['state']
  readonly seed: number
  readonly output: T
  readonly inputs: readonly number[]
  readonly failures: Parts<T>['failures']
  readonly error: Parts<T>['error']
  readonly stats: Parts<T>['stats']
  readonly tasks: Parts<T>['tasks']
  readonly #ancestries: Ancestries

  constructor(parts: Parts<T>) {
    this.id = parts.id
    this.name = parts.name
    this.state = parts.state
    this.seed = parts.seed
    this.output = parts.output
    this.inputs = parts.inputs
    this.failures = parts.failures
    this.error = parts.error
    this.stats = parts.stats
    this.tasks = parts.tasks
    this.#ancestries = parts.ancestries
  }

  get ok(): boolean {
    return this.state === 'done'
  }

  summary(): string {
    const { stats, name, id, state, error } = this
    const again = retries(stats.retries)
    const lines = [`${name} (${id}): ${state} in ${time(stats.ms)}${again}`]
    if (error) lines.push(`  ${error.code}: ${error.message}`)
    for (const { step, done, failed, cancelled, cached, skipped, ms } of stats.bySteps) {
      const counts = Object.entries({ failed, cancelled, cached, skipped })
      const said = counts.flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []))
      lines.push(`  ${step}: ${[`${done} done`, ...said].join(', ')}, ${time(ms)}`)
    }
    return lines.join('\n')
  }

  lineage(value: unknown): Ancestry {
    return this.#ancestries.of(value)
  }

  save(file: string): Promise<void> {
    const { output } = this
    return save(file, isList(output) ? output : [output])
  }

  toJSON(): unknown {
    const { id, name, state, ok, seed, output, inputs, stats, tasks, error } = this
    const failures = this.failures.map((failure) => {
      const { code, message } = failure.error
      return { ...failure, error: { code, message } }
    })
    const said = { id, name, state, ok, seed, output, inputs, failures, stats, tasks }
    return sayable(error ? { ...said, error } : said)
  }
}

function time(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

function retries(count: number): string {
  if (count === 0) return ''
  return count === 1 ? ', after 1 retry' : `, after ${count} retries`
}
