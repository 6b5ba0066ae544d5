/** The entry of a worker process: serves tasks until it is told to stop. */
import { constants, setPriority } from 'node:os'
import type { ChildMessage, Order, Specification } from './child.ts'
import { createEngine } from './engine.ts'
import { loadPeer } from './peer.ts'
import { sleep } from './processes.ts'
import { startProfile } from './profiler.ts'
import { scenarioOf, speedOf } from './scenarios.ts'
import { farAway } from './tasks.ts'

// On a machine that somebody lends, its other programs come first.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
const specification = JSON.parse(process.argv[2] ?? '') as Specification
const { index = 0, slots, log } = specification
const scenario = scenarioOf(specification.scenario)
const peer = await loadPeer(specification.peer)
const { execute, statistics } = createEngine({
  slots,
  speed: speedOf(scenario, index),
  index,
  log,
})
const worker = await peer.worker?.({
  ...specification,
  index,
  execute: scenario.oneWayMs === undefined ? execute : farAway(execute, scenario.oneWayMs),
})

let stopProfile: (() => Promise<void>) | undefined
const say = (message: ChildMessage): void => void process.send?.(message)
process.on('message', (order: Order) => {
  if (order === 'statistics') say({ type: 'statistics', ...statistics })
  if (order === 'go') void profile()
  if (order === 'stop') void stop()
})
process.on('disconnect', () => process.exit())
say({ type: 'ready', address: worker?.address ?? index })

async function profile(): Promise<void> {
  const folder = specification.profile
  if (folder !== undefined) stopProfile = await startProfile(folder, 'worker')
}

async function stop(): Promise<void> {
  await stopProfile?.()
  await Promise.race([worker?.close(), sleep(1500)])
  process.exit()
}
