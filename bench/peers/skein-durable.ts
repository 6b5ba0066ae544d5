/** Skein with its journal in an SQLite file: write-ahead log, synchronous = full, one fsync for each group of records. */
import { join } from 'node:path'
import { createSqliteStore } from '../../packages/client/src/index.ts'
import type { Peer } from '../harness/peer.ts'
import { skeinWith } from './skein.ts'

export const peer: Peer = {
  ...skeinWith((directory) => createSqliteStore(join(directory, 'runs.db'))),
  resumes: true,
}
