import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import process from 'node:process'
import { z } from 'zod'

/** Names one process for good: process ids alone come back. */
export type ProcessMark = z.infer<typeof ProcessMark>
export const ProcessMark = z.object({
  pid: z.int().positive(),
  /** When it started, in the system's own terms; only where the system tells. */
  start: z.string().optional(),
  machine: z.string(),
})

/** The mark of this process. */
export async function ownMark(): Promise<ProcessMark> {
  const start = await startOf(process.pid)
  return { pid: process.pid, machine: hostname(), ...(start !== undefined && { start }) }
}

/** Whether that process is still there. About other machines nobody knows: `undefined`. */
export async function isRunning(mark: ProcessMark): Promise<boolean | undefined> {
  if (mark.machine !== hostname()) return undefined
  if (!exists(mark.pid)) return false
  return mark.start === undefined || mark.start === (await startOf(mark.pid))
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // It is there and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Field 22 of Linux's `/proc/<pid>/stat`; the name before it may hold spaces and brackets. */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}
