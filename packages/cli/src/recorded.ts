import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  createSqliteStore,
  RecordedRuns,
  TaskDesk,
  type RunRecord,
  type Store,
} from '@skein/client'
import { openHome } from '@skein/protocol'
import { CliError } from './errors.ts'

/** What runs of this user have recorded. Reading it needs no network. */
export interface Records extends AsyncDisposable {
  readonly store: Store
  readonly runs: RecordedRuns
  readonly tasks: TaskDesk
}

const FILE = 'runs.db'

/** Runs that are looked at, the latest. */
const MOST_RUNS = 10_000

/** The file that runs are recorded in, of the settings folder. */
export async function openStore(home: string | undefined): Promise<Store> {
  const { directory } = await openHome(home)
  return createSqliteStore(join(directory, FILE))
}

export async function openRecords(home: string | undefined): Promise<Records> {
  return recordsIn(await openStore(home))
}

function recordsIn(store: Store): Records {
  return {
    store,
    runs: new RecordedRuns(store),
    tasks: new TaskDesk(store),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

/** Records for whoever looks at them for long: their file may be deleted meanwhile, and made anew. */
export class LastingRecords implements AsyncDisposable {
  readonly #file: string
  #mark: string | undefined
  #opened: Records

  private constructor(file: string) {
    this.#file = file
    // Looked at before and not after: a file that takes its place meanwhile is another.
    this.#mark = markOf(file)
    this.#opened = recordsIn(createSqliteStore(file))
    this.#mark ??= markOf(file)
  }

  static async open(home: string | undefined): Promise<LastingRecords> {
    const { directory } = await openHome(home)
    return new LastingRecords(join(directory, FILE))
  }

  /**
   * Those of the file that is there now; none where there is none.
   *
   * @throws {ClientError} `STORE_FAILED`
   */
  current(): Records | undefined {
    const mark = markOf(this.#file)
    if (mark === undefined) return undefined
    if (mark !== this.#mark) {
      const opened = recordsIn(createSqliteStore(this.#file))
      void putAway(this.#opened)
      this.#opened = opened
      this.#mark = mark
    }
    return this.#opened
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened[Symbol.asyncDispose]()
  }
}

/** Nothing was written to it: however it closes, nothing is lost. */
async function putAway(records: Records): Promise<void> {
  try {
    await records[Symbol.asyncDispose]()
  } catch {
    // Its file is gone.
  }
}

/** Tells a file from another that has its name later. */
function markOf(file: string): string | undefined {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false })
  return stat && `${stat.dev} ${stat.ino}`
}

/** All runs of a settings folder; none where nothing was run yet. */
export async function runsIn(home: string): Promise<readonly RunRecord[] | undefined> {
  if (!existsSync(join(home, FILE))) return undefined
  await using records = await openRecords(home)
  return await records.runs.list({ limit: MOST_RUNS })
}

/** A file, which of its exports, and whether it ran on the models of this machine alone. */
export interface Source {
  readonly file: string
  readonly export?: string
  readonly local?: boolean
}

const LOCAL = '?local'

/** The source as it is recorded with a run. */
export function sourceText({ file, export: name, local = false }: Source): string {
  return `${resolve(file)}${name === undefined ? '' : `#${name}`}${local ? LOCAL : ''}`
}

/**
 * Where the plan of a run is: what the options name, or what was recorded.
 *
 * @throws {CliError} `USAGE` nobody knows, or the file is gone
 */
export function sourceOf(
  { id, source }: { readonly id: string; readonly source?: string },
  { file, export: name }: { readonly file?: string; readonly export?: string },
): Source {
  const said = name === undefined ? {} : { export: name }
  const recorded = source === undefined ? undefined : parseSource(source)
  const local = recorded?.local ?? false
  if (file !== undefined) return { file, local, ...said }
  if (!recorded) {
    throw new CliError('USAGE', `run '${id}' was made by a program, which knows its plan`, {
      mend: `Go on with it there: client.resume('${id}', plan). Or name a file that exports the plan: --file FILE`,
    })
  }
  if (existsSync(recorded.file)) return { ...recorded, ...said }
  throw new CliError('USAGE', `${recorded.file}, the plan of run '${id}', is not there any more`, {
    mend: 'Name the file where it is now: --file FILE',
  })
}

/** An export is a name: what stands after `#` in a path has a dot or a slash in it. */
function parseSource(text: string): Source {
  const local = text.endsWith(LOCAL)
  const place = local ? text.slice(0, -LOCAL.length) : text
  const [, file = place, name] = /^(.*)#([^#./\\]+)$/s.exec(place) ?? []
  return name === undefined ? { file, local } : { file, local, export: name }
}
