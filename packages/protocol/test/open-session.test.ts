import { describe, expect, it } from 'vitest'
import { FrameWriter } from '../src/frames.ts'
import { settle } from './fake-clock.ts'
import { goodbye, scripted, world } from './scripted-peer.ts'
import { CLIENT, NODE, openSide, progress } from './session-contract.ts'
import { Ear } from './transport-contract.ts'

describe('opening a session', () => {
  it('says hello first, whoever dialled', async () => {
    const { listen } = await scripted()
    expect(await listen()).toEqual([{ type: 'hello', version: 2, ...CLIENT }])
  })

  it('gives up on a peer that says nothing, and tells it why', async () => {
    const { near, far, clock } = await world()
    const ear = new Ear(far)
    const opening = openSide(near, { hello: CLIENT, clock })
    opening.catch(() => {})
    await clock.advance(5_000, settle)
    await expect(opening).rejects.toMatchObject({ code: 'TIMED_OUT', retryable: true })
    await ear.ended()
    expect(ear.text).toContain('goodbye')
    expect(clock.pending).toBe(0)
  })

  it('refuses a peer that speaks another version, however that says hello', async () => {
    for (const hello of [
      { type: 'hello', version: 1, ...NODE },
      { type: 'hello', version: 99, and: { more: ['of', 'it'] } },
    ]) {
      const { opening, listen } = await scripted(hello)
      await expect(opening).rejects.toMatchObject({
        code: 'WRONG_VERSION',
        message: `the peer speaks version ${hello.version} of the protocol, we speak 2: update the older one`,
      })
      expect(await listen()).toEqual([expect.anything(), goodbye('WRONG_VERSION')])
    }
  })

  it('refuses a peer that does not say hello first, or wrongly', async () => {
    for (const first of [
      progress('1', 'x'),
      { type: 'ping', nonce: 1 },
      { type: 'hello', version: 2, role: 'queen', name: 'x', agent: 'x' },
      { type: 'hello', version: '2', ...NODE },
      { type: 'hello', version: 2, ...NODE, extra: true },
      ['hello'],
    ]) {
      const { opening, listen } = await scripted(first)
      await expect(opening).rejects.toMatchObject({ code: 'MALFORMED_FRAME' })
      expect(await listen()).toEqual([expect.anything(), goodbye('MALFORMED_FRAME')])
    }
  })

  it('passes on why the peer refuses us', async () => {
    const words = { type: 'goodbye', code: 'WRONG_VERSION', message: 'update, please' }
    const { opening } = await scripted(words)
    await expect(opening).rejects.toMatchObject({
      code: 'WRONG_VERSION',
      message: 'the peer ended the session: update, please',
    })
    const { opening: other } = await scripted({ ...words, code: 'SOMETHING_NEW' })
    await expect(other).rejects.toMatchObject({ code: 'SESSION_CLOSED' })
    const { opening: closing } = await scripted({ ...words, code: 'closing' })
    await expect(closing).rejects.toMatchObject({ code: 'SESSION_CLOSED' })
  })

  it('ends when it is given up, or the peer is gone', async () => {
    const { near, far, clock } = await world()
    const controller = new AbortController()
    const opening = openSide(near, { hello: CLIENT, clock, signal: controller.signal })
    const reason = new Error('changed my mind')
    controller.abort(reason)
    await expect(opening).rejects.toBe(reason)
    const other = new Ear(far)
    await other.ended()
    expect(clock.pending).toBe(0)

    const second = await world()
    const aborted = openSide(second.near, {
      hello: CLIENT,
      clock,
      signal: AbortSignal.abort('a word'),
    })
    await expect(aborted).rejects.toMatchObject({ code: 'TIMED_OUT' })

    const third = await world()
    const left = openSide(third.near, { hello: CLIENT, clock })
    await third.far.close()
    await expect(left).rejects.toMatchObject({ code: 'SESSION_CLOSED' })
  })

  it('is not undone by the signal once it is open', async () => {
    const { near, far, clock } = await world()
    const controller = new AbortController()
    const [side] = await Promise.all([
      openSide(near, { hello: CLIENT, clock, signal: controller.signal }),
      openSide(far, { hello: NODE, clock }),
    ])
    controller.abort()
    await settle()
    expect(side.ends).toEqual([])
  })

  it('hands over what came with the hello, after whoever opened it has it', async () => {
    const { opening, say } = await scripted({ type: 'goodbye-less' })
    await expect(opening).rejects.toMatchObject({ code: 'MALFORMED_FRAME' })
    await say()

    const { near, far, clock } = await world()
    const writer = new FrameWriter()
    writer.write({ type: 'hello', version: 2, ...NODE })
    writer.write(progress('1', 'early'))
    writer.write({ type: 'goodbye', code: 'closing', message: '' })
    const side = openSide(near, { hello: CLIENT, clock })
    for (const piece of writer.take()) far.send(piece)
    const { session, heard, ends } = await side
    expect([heard, ends]).toEqual([[], []])
    expect(session.remote.name).toBe('bob')
    await settle()
    expect([heard, ends]).toEqual([[progress('1', 'early')], [undefined]])
  })
})
