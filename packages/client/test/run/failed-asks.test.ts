import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { step, type StepContext } from '../../src/index.ts'
import { onFile } from '../durable-client.ts'
import { temporaryFolder } from '../store/temporary-store.ts'

const number = z.number()

/** Steps that note that they ran; the first works when it is up, and another uses the second where it does not. */
function services() {
  const ran: string[] = []
  const state = { isUp: false }
  const primary = step({
    name: 'primary',
    input: number,
    output: z.string(),
    run: () => {
      ran.push('primary')
      if (!state.isUp) throw new RangeError('down')
      return 'primary'
    },
  })
  const backup = step({
    name: 'backup',
    input: number,
    output: z.string(),
    run: () => {
      ran.push('backup')
      return 'backup'
    },
  })
  const answers: string[] = []
  const body = (end: (context: StepContext, answer: string) => Promise<string> | string) =>
    step({
      name: 'body',
      input: number,
      output: z.string(),
      run: async (n, context) => {
        const answer = await context.call(primary, n).catch(async (error: Error) => {
          answers.push(error.message)
          return context.call(backup, n)
        })
        return end(context, answer)
      },
    })
  return { ran, state, answers, body }
}

describe('a durable step that goes on after a failure', () => {
  it('[Q6] finds the same failure when it is taken up in the middle', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const { ran, state, answers, body } = services()
    const asleep = Promise.withResolvers<undefined>()
    const waits = body(async ({ signal }) => {
      asleep.resolve(undefined)
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve)
      })
      throw signal.reason
    })
    await onFile(file, async (client) => {
      const run = client.run(waits, 1, { id: 'r' })
      await asleep.promise
      await run.cancel()
      await expect(run).rejects.toMatchObject({ code: 'CANCELLED' })
    })
    expect(ran).toEqual(['primary', 'backup'])
    state.isUp = true
    await onFile(file, async (client) => {
      const { output } = await client.resume(
        'r',
        body((_, answer) => answer),
      )
      expect(output).toBe('backup')
    })
    expect(ran).toEqual(['primary', 'backup'])
    expect(answers).toEqual(Array(2).fill("step 'primary' threw: down"))
  })

  it('[Q6] asks anew when it is taken up after it has failed itself', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const { ran, state, body } = services()
    await onFile(file, async (client) => {
      const broken = body(() => {
        throw new RangeError('later')
      })
      await expect(client.run(broken, 1, { id: 'r' })).rejects.toThrow('later')
      expect(ran).toEqual(['primary', 'backup'])
      await expect(client.resume('r', broken)).rejects.toThrow('later')
    })
    expect(ran).toEqual(['primary', 'backup', 'primary'])
    state.isUp = true
    await onFile(file, async (client) => {
      const whole = body((_, answer) => answer)
      expect(await client.resume('r', whole)).toMatchObject({ output: 'primary' })
    })
  })

  it('[Q6] asks anew what ended it', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const { ran, state, body } = services()
    const cautious = body((_, answer) => {
      if (answer === 'backup') throw new RangeError('no primary')
      return answer
    })
    await onFile(file, async (client) => {
      await expect(client.run(cautious, 1, { id: 'r' })).rejects.toThrow('no primary')
      state.isUp = true
      expect(await client.resume('r', cautious)).toMatchObject({ output: 'primary' })
    })
    expect(ran).toEqual(['primary', 'backup', 'primary'])
  })
})
