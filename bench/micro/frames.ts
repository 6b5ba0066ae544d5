/** What a message of 1 KB costs on its way into bytes and back. */
import { FrameReader, FrameWriter } from '../../packages/protocol/src/frames.ts'
import { parseMessage } from '../../packages/protocol/src/messages.ts'
import { makeTasks, reply } from '../harness/tasks.ts'
import type { Case } from './measure.ts'

const [task] = makeTasks({ scenario: 'noop', workers: 1, scale: 0.0001 })
if (task === undefined) throw new Error('no task')

const assign = {
  type: 'assign',
  task: 'c3a1f7d2-0001',
  attempt: 1,
  workflow: 'f'.repeat(64),
  input: { task: JSON.stringify(task) },
  models: ['llama3.2:3b'],
  timeLeftMs: 60_000,
}
const finish = {
  type: 'finish',
  task: 'c3a1f7d2-0001',
  attempt: 1,
  output: JSON.stringify(reply(task, 0)),
  model: 'llama3.2:3b',
  usage: { input: 200, output: 212 },
  timing: { queueMs: 0.25, loadMs: 0, promptMs: 12.5, generateMs: 1042.75 },
  steps: ['answer'],
}

function bytesOf(message: object): Uint8Array {
  const writer = new FrameWriter()
  writer.write(message)
  return Uint8Array.from(Buffer.concat(writer.take()))
}

function casesFor(name: string, message: object): Case[] {
  const bytes = bytesOf(message)
  const body: unknown = JSON.parse(JSON.stringify(message))
  const writer = new FrameWriter()
  const reader = new FrameReader(() => undefined)
  return [
    {
      name: `${name}, JSON alone, both ways`,
      run(times) {
        for (let n = 0; n < times; n += 1) JSON.parse(JSON.stringify(message))
      },
    },
    {
      name: `${name}, frame written`,
      run(times) {
        for (let n = 0; n < times; n += 1) {
          writer.write(message)
          if (n % 32 === 0) writer.take()
        }
      },
    },
    {
      name: `${name}, frame read`,
      run(times) {
        for (let n = 0; n < times; n += 1) reader.push(bytes)
      },
    },
    {
      name: `${name}, checked against its schema`,
      run(times) {
        for (let n = 0; n < times; n += 1) parseMessage(body)
      },
    },
  ]
}

export const cases: readonly Case[] = [...casesFor('assign', assign), ...casesFor('finish', finish)]
