import { isRunning, ProcessMark } from '@skein/protocol'
import { z } from 'zod'
import { ClientError, messageOf } from '../errors.ts'
import type { GroupCommit } from './group-commit.ts'
import type { RunBook, RunHead, RunRecord } from './run-book.ts'
import type { SqliteRun } from './sqlite-batches.ts'
import { sealed, unsealed } from './sealed-text.ts'
import type { SqliteFile, SqlRow } from './sqlite-file.ts'
import { HOLD_VALUE, KEEP_VALUE, SqliteValues } from './sqlite-values.ts'
import { ValueWriter } from './value-text.ts'

/** Whose a run is when nobody says. */
export const DEFAULT_PROJECT = 'default'

const Owner = z.object({ token: z.string(), process: ProcessMark })

const Head = z.object({
  project: z.string().exactOptional(),
  plan: z.string().exactOptional(),
  planHash: z.string().exactOptional(),
  planJson: z.unknown().exactOptional(),
  seed: z.number().exactOptional(),
  inputs: z.enum(['one', 'list', 'stream']).exactOptional(),
  models: z.array(z.string()).exactOptional(),
  context: z.record(z.string(), z.unknown()).exactOptional(),
  startedAt: z.number().exactOptional(),
  parent: z.string().exactOptional(),
  anew: z.array(z.string()).exactOptional(),
  source: z.string().exactOptional(),
})

const Ending = z.object({
  state: z.enum(['done', 'failed', 'cancelled']),
  endedAt: z.number(),
  output: z.enum(['one', 'list']).exactOptional(),
  error: z.object({ code: z.string(), message: z.string() }).exactOptional(),
  noted: z.record(z.string(), z.number()).exactOptional(),
})

/** Runs that are listed when nothing is said. */
const MOST_RUNS = 100

/** Whose a run is, and until when others wait. */
interface RunHold {
  readonly owner: string
  readonly until: number
}

/** A long text that stands elsewhere, for all runs that have it. */
interface KeptText {
  readonly hash: string
  readonly text: string
}

/** A run that is to be there. */
export interface Beginning {
  /** Its number is 0 until it is written. */
  readonly run: SqliteRun
  /** Writes its head, as part of a transaction; why not, if another process was faster. */
  readonly write: () => ClientError | undefined
  /** It never will be written. */
  readonly giveUp: () => void
}

/** The runs of a file. */
export class SqliteRuns implements RunBook {
  readonly #file: SqliteFile
  readonly #group: GroupCommit
  readonly #now: () => number
  readonly #values: SqliteValues
  /** Projects of the runs that are not written yet, by their ids. */
  readonly #beginning = new Map<string, string>()

  constructor(
    file: SqliteFile,
    { group, now }: { readonly group: GroupCommit; readonly now: () => number },
  ) {
    this.#file = file
    this.#group = group
    this.#now = now
    this.#values = new SqliteValues(file)
  }

  async get(id: string): Promise<RunRecord | undefined> {
    const row = this.#row(id)
    return row && (await this.#record(row))
  }

  async list({
    project,
    limit = MOST_RUNS,
    unfinished = false,
  }: Parameters<RunBook['list']>[0] = {}): Promise<readonly RunRecord[]> {
    this.#group.flush()
    const wanted = project === undefined ? 'true' : 'project = ?'
    const open = unfinished ? 'ending is null' : 'true'
    const sql = `select * from run where ${wanted} and ${open} order by number desc limit ?`
    const rows = this.#file.all(sql, ...(project === undefined ? [] : [project]), limit)
    return Promise.all(rows.map((row) => this.#listed(row)))
  }

  cancel(id: string): Promise<boolean> {
    return new Promise((resolve) => {
      // What this process has taken of it is there before its end.
      this.#group.flush()
      const ending = sealed(`ending ${id}`, { state: 'cancelled', endedAt: this.#now() })
      const sql = `update run set owner = null, until = 0, ending = ?
        where id = ? and (ending is null or owner is not null)`
      resolve(this.#file.transact(() => this.#file.run(sql, ending, id)) > 0)
    })
  }

  async remove(id: string): Promise<boolean> {
    const row = this.#row(id)
    if (!row) return false
    if (await this.#isHeld(row)) throw heldError(id)
    const number = Number(row['number'])
    // What this process has taken of it meanwhile is there, and goes with it.
    this.#group.flush()
    this.#file.transact(() => {
      // Another process may have taken it up since it was looked at.
      const sql = 'delete from run where number = ? and owner is ?'
      const owner = typeof row['owner'] === 'string' ? row['owner'] : null
      if (this.#file.run(sql, number, owner) === 0) throw heldError(id)
      for (const table of ['batch', 'nested']) {
        this.#file.run(`delete from ${table} where run = ?`, number)
      }
      this.#file.run('delete from answer where scope = ?', `run ${id}`)
      this.#letGo(number)
    })
    return true
  }

  /** Where it is, if it is there, with all that this process has taken of it. */
  locate(id: string): SqliteRun | undefined {
    const row = this.#row(id)
    return row && { id, number: Number(row['number']) }
  }

  /**
   * Begins a run. Its head is written together with what comes first of it: many a run is over by then. Throws
   * `INVALID_INPUT` where it is there already, or where its context cannot be written.
   */
  begin(id: string, head: RunHead, hold: RunHold): Beginning {
    const { project = DEFAULT_PROJECT } = head
    const theirs = this.#projectOf(id)
    if (theirs !== undefined) throw takenError(id, theirs, project)
    const kept: KeptText[] = []
    const values = [id, project, headText(id, head, kept), hold.owner, hold.until]
    const run = { id, number: 0 }
    let isGivenUp = false
    const giveUp = () => {
      isGivenUp = true
      run.number = 0
      this.#beginning.delete(id)
    }
    const write = () => {
      if (isGivenUp) return new ClientError('CLOSED', `run '${id}' was not begun`)
      this.#beginning.delete(id)
      const sql = `insert into run (id, project, head, owner, until) values (?, ?, ?, ?, ?)
        on conflict (id) do nothing`
      const number = this.#file.insert(sql, ...values)
      if (number === undefined) return takenError(id, this.#projectOf(id) ?? project, project)
      run.number = number
      for (const { hash, text } of kept) {
        this.#file.run(KEEP_VALUE, hash, text)
        this.#file.run(HOLD_VALUE, number, hash)
      }
      return undefined
    }
    this.#beginning.set(id, project)
    return { run, write, giveUp }
  }

  /** None where there is no such run. */
  #projectOf(id: string): string | undefined {
    const row = this.#file.get('select project from run where id = ?', id)
    return row ? String(row['project']) : this.#beginning.get(id)
  }

  /** Forgets the long texts that only this run holds. */
  #letGo(run: number): void {
    const theirs = 'select 1 from hold where hold.hash = value.hash and hold.run <> ?'
    const ours = 'select hash from hold where run = ?'
    this.#file.run(`delete from value where hash in (${ours}) and not exists (${theirs})`, run, run)
    this.#file.run('delete from hold where run = ?', run)
  }

  /**
   * Holds it, if nobody does; the number of its last batch, from 1. Its ending stays until something is written of it.
   * Throws `RUN_HELD`.
   */
  async take(run: SqliteRun, hold: RunHold): Promise<number> {
    const row = this.#row(run.id)
    if (!row || (await this.#isHeld(row))) throw heldError(run.id)
    const owner = typeof row['owner'] === 'string' ? row['owner'] : null
    const sql = 'update run set owner = ?, until = ? where number = ? and owner is ?'
    const changes = this.#file.run(sql, hold.owner, hold.until, run.number, owner)
    // Somebody was faster since it was looked at.
    if (changes === 0) throw heldError(run.id)
    const last = 'select max(number) as number from batch where run = ?'
    return Number(this.#file.get(last, run.number)?.['number'] ?? 0)
  }

  /** Others need not wait until that holder's time is over, if there is room to say so. */
  release({ number }: SqliteRun, owner: string): void {
    try {
      const sql = 'update run set owner = null, until = 0 where number = ? and owner = ?'
      this.#file.run(sql, number, owner)
    } catch {
      // They wait.
    }
  }

  #row(id: string): SqlRow | undefined {
    // What this process has taken is there for itself as well.
    this.#group.flush()
    return this.#file.get('select * from run where id = ?', id)
  }

  async #record(row: SqlRow): Promise<RunRecord> {
    const id = String(row['id'])
    const head = Head.safeParse(this.#headIn(row))
    if (!head.success) throw this.#damaged('head', id)
    const holding = await this.#holding(row)
    const ending = row['ending'] === null ? undefined : unsealed(`ending ${id}`, row['ending'])
    const status = unsealed(`status ${id}`, row['status'])
    const end = Ending.safeParse(ending)
    if (ending !== undefined && !end.success) throw this.#damaged('ending', id)
    const { project = DEFAULT_PROJECT } = head.data
    const { noted: _, ...told } = end.data ?? {}
    return {
      ...head.data,
      ...told,
      ...(status !== undefined && { status }),
      id,
      project,
      state: end.data?.state ?? 'interrupted',
      ...holding,
    }
  }

  /** None where it, or what it refers to, is not as it was written. */
  #headIn(row: SqlRow): unknown {
    try {
      return unsealed(`head ${String(row['id'])}`, row['head'], (body) => this.#values.read(body))
    } catch {
      return undefined
    }
  }

  /** One damaged run does not keep anybody from the others. */
  async #listed(row: SqlRow): Promise<RunRecord> {
    try {
      return await this.#record(row)
    } catch {
      return { id: String(row['id']), project: String(row['project']), state: 'damaged' }
    }
  }

  #damaged(what: string, id: string): ClientError {
    return this.#file.damaged(`the ${what} of run ${id}`, 'the run can only be removed')
  }

  async #holding(row: SqlRow): Promise<Pick<RunRecord, 'state' | 'holder'> | undefined> {
    if (!(await this.#isHeld(row))) return undefined
    const holder = processOf(row)
    if (!holder) return { state: 'running' }
    return { state: 'running', holder: { pid: holder.pid, machine: holder.machine } }
  }

  /** Whether a process that lives, as far as anybody knows, is at it. */
  async #isHeld(row: SqlRow): Promise<boolean> {
    if (typeof row['owner'] !== 'string' || Number(row['until']) <= this.#now()) return false
    const holder = processOf(row)
    // A holder that cannot be read is waited for until its time is over.
    return holder === undefined || (await isRunning(holder)) !== false
  }
}

/**
 * What is long in it goes to `kept`: SQLite writes a row anew whenever something in it changes. Throws `INVALID_INPUT`
 * where the context cannot be written.
 */
function headText(id: string, head: RunHead, kept: KeptText[]): string {
  const writer = new ValueWriter({ keep: (hash, text) => kept.push({ hash, text }) })
  try {
    return sealed(`head ${id}`, head, (value) => writer.write(value))
  } catch (error) {
    throw contextError(id, error)
  }
}

export function contextError(id: string, why: unknown): ClientError {
  return new ClientError('INVALID_INPUT', `the context of run '${id}': ${messageOf(why)}`)
}

/** The process that is at it; none where that cannot be read. */
function processOf({ owner }: SqlRow): ProcessMark | undefined {
  try {
    return Owner.parse(JSON.parse(String(owner))).process
  } catch {
    return undefined
  }
}

/** Ids are those of a store, whatever the project. */
export function takenError(id: string, theirs: string, ours: string): ClientError {
  const message =
    theirs === ours
      ? `run '${id}' is there already; resume it`
      : `run '${id}' is there already, in project '${theirs}'; choose another id`
  return new ClientError('INVALID_INPUT', message)
}

function heldError(id: string): ClientError {
  return new ClientError('RUN_HELD', `a process is at run '${id}'; wait until it ends`)
}
