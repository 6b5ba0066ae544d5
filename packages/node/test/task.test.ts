import { describe, expect, it } from 'vitest'
import { Admission } from '../src/admission.ts'
import { Ticket } from '../src/gate.ts'
import type { Ending } from '../src/kept-results.ts'
import { Speed } from '../src/speed.ts'
import { Task } from '../src/task.ts'
import { Toolbox } from '../src/tools/toolbox.ts'
import { Watchdog } from '../src/watchdog.ts'
import { FakeClock } from './fake-clock.ts'
import { HandEngine, settled } from './hand-engine.ts'
import { echo } from './stage.ts'

async function begin() {
  const clock = new FakeClock()
  const engine = new HandEngine({ name: 'm' })
  const [info] = await engine.models()
  if (info === undefined) throw new Error('no model')
  const admission = new Admission<Task>()
  admission.lend([{ name: 'm', slots: 1 }], 0)
  admission.join('x')
  admission.grant('x', 0)
  const endings: Ending[] = []
  const progress: unknown[] = []
  const audience = {
    isListening: true,
    progress: (message: unknown) => progress.push(message) > 0,
    ended: (_: Task, ending: Ending) => endings.push(ending),
  }
  const task = new Task(
    {
      assignment: {
        type: 'assign',
        task: '1',
        attempt: 1,
        workflow: echo.id,
        input: { text: 'x' },
        models: [],
      },
      document: echo.document,
      checkpoint: undefined,
    },
    {
      now: () => clock.now(),
      patience: { firstTokenMs: 1000, betweenTokensMs: 1000 },
      admission,
      watchdog: new Watchdog(clock),
      toolbox: new Toolbox(),
      findEmbedder: () => undefined,
      findModel: () => ({ info, engine, speed: new Speed() }),
    },
    audience,
  )
  const ticket = admission.assign('x', { models: [], task }, 0)
  if (ticket instanceof Ticket) task.enter(ticket)
  await settled()
  return { clock, engine, admission, endings, progress, audience }
}

describe('a task', () => {
  it('leaves nothing behind when it has ended', async () => {
    const { clock, engine, admission, endings } = await begin()
    engine.at(0).finish()
    await settled()
    expect(endings).toMatchObject([{ type: 'finish', task: '1' }])
    expect(admission.load).toEqual({ running: 0, waiting: 0 })
    clock.advance(50)
    expect(clock.pending).toBe(0)
  })

  it('tells no progress to a client that does not read, and all of it later', async () => {
    const { clock, engine, progress, audience } = await begin()
    audience.isListening = false
    engine.at(0).say('one ')
    await settled()
    clock.advance(50)
    engine.at(0).say('two')
    await settled()
    expect(progress).toEqual([])
    audience.isListening = true
    clock.advance(50)
    expect(progress).toMatchObject([{ tokens: 2, text: 'one two' }])
  })

  it('[N9] is stopped within 100 ms of the time when its model has been silent too long', async () => {
    const { clock, engine } = await begin()
    clock.advance(999)
    expect(engine.at(0).signal.aborted).toBe(false)
    clock.advance(101)
    expect(engine.at(0).signal.aborted).toBe(true)
  })
})
