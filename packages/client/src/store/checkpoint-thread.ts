import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'

/** Runs in a thread: takes what is in the log of a database to where it belongs, whenever it is told to. */

/** What is written during the first is soon done by the second. */
const TIMES = 2

/** A file that was moved away is not made anew. */
const file = pathToFileURL(String(workerData))
file.searchParams.set('mode', 'rw')
const database = new DatabaseSync(file)

parentPort?.on('message', () => {
  try {
    for (let time = 0; time < TIMES; time++) database.exec('pragma wal_checkpoint(passive)')
  } catch {
    // Whoever writes next finds out what is wrong with the disk.
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  parentPort?.postMessage('done')
})
