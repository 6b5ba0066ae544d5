import { describe, expect, it } from 'vitest'
import { FrameWriter } from '../src/frames.ts'
import { LIMITS } from '../src/limits.ts'
import { openSession } from '../src/open-session.ts'
import { settle } from './fake-clock.ts'
import { goodbye, scripted, world } from './scripted-peer.ts'
import { assign, CLIENT, NODE, openSide, progress } from './session-contract.ts'

describe('an open session', () => {
  it('ends, with a code, on whatever is no message', async () => {
    const wrongs: readonly [object, RegExp][] = [
      [{ type: 'dance' }, /unknown type/u],
      [{ type: 'constructor' }, /unknown type/u],
      [[], /unknown type/u],
      [{ ...progress('1', 'secret'), tokens: -1 }, /^progress\.tokens is wrong: too_small$/u],
      [{ ...progress('1', 'secret'), secret: 1 }, /^progress is wrong: unrecognized_keys$/u],
      [{ ...progress('x'.repeat(257), 'secret') }, /^progress\.task is wrong: too_big$/u],
      [{ type: 'hello', version: 2, ...NODE }, /a node does not say hello here/u],
      [assign('1', 'secret'), /a node does not say assign here/u],
    ]
    for (const [wrong, words] of wrongs) {
      const { opening, say, listen, ear } = await scripted()
      const side = await opening
      await say(wrong)
      expect(side.ends).toEqual([
        expect.objectContaining({
          code: 'MALFORMED_FRAME',
          message: expect.stringMatching(words) as unknown,
        }),
      ])
      expect(JSON.stringify(side.ends[0]?.message)).not.toContain('secret')
      expect((await listen()).at(-1)).toEqual(goodbye('MALFORMED_FRAME'))
      expect(ear.ends).toEqual([undefined])
    }
  })

  it('ends, with a code, on bytes that are no frames', async () => {
    const { opening, far, listen } = await scripted()
    const side = await opening
    far.send(Buffer.from('GET / HTTP/1.1\r\n\r\n'))
    await settle()
    expect(side.ends).toEqual([expect.objectContaining({ code: 'FRAME_TOO_LARGE' })])
    expect((await listen()).at(-1)).toEqual(goodbye('FRAME_TOO_LARGE'))
  })

  it('hears nothing after its end, also within one piece of bytes', async () => {
    const { opening, say } = await scripted()
    const side = await opening
    await say(
      progress('1', ''),
      { type: 'goodbye', code: 'closing', message: '' },
      progress('2', ''),
    )
    expect(side.heard).toEqual([progress('1', '')])
    expect(side.ends).toEqual([undefined])
  })

  it('lets an acknowledgement leave with the next message, or by itself 20 ms later', async () => {
    const { opening, listen, clock } = await scripted()
    const { session } = await opening
    await listen()
    const acknowledge = { type: 'acknowledge', task: '1', attempt: 1 } as const
    session.send(acknowledge)
    expect(await listen()).toEqual([])
    session.send(assign('2'))
    expect(await listen()).toEqual([acknowledge, assign('2')])
    session.send(acknowledge)
    await clock.advance(20, settle)
    expect(await listen()).toEqual([acknowledge])
  })

  it('does not take the end of the channel for a goodbye', async () => {
    const { opening, far } = await scripted()
    const side = await opening
    await far.close()
    await settle()
    expect(side.ends).toEqual([expect.objectContaining({ code: 'SESSION_CLOSED' })])
  })

  it('ends when its user fails at a message, and keeps the cause', async () => {
    const { near, far, clock } = await world()
    const cause = new Error('a mistake of ours')
    const ends: (Error | undefined)[] = []
    const opening = openSession(near, {
      hello: CLIENT,
      clock,
      handlers: {
        message: () => {
          throw cause
        },
        closed: (error) => ends.push(error),
      },
    })
    const node = await openSide(far, { hello: NODE, clock })
    await opening
    await settle()
    node.session.send(progress('1', ''))
    await settle()
    expect(ends).toEqual([expect.objectContaining({ code: 'SESSION_CLOSED', cause })])
  })

  it('[N4] ends the moment that its connection breaks', async () => {
    const { opening, network, clock } = await scripted()
    const side = await opening
    await settle()
    network.cut('ada', 'bob')
    expect(side.ends).toEqual([expect.objectContaining({ code: 'SESSION_CLOSED' })])
    expect(clock.pending).toBe(0)
  })

  it('sends what is said in one turn in one piece', async () => {
    const { opening, ear } = await scripted()
    const side = await opening
    await settle()
    ear.pieces.length = 0
    for (let index = 0; index < 50; index += 1) side.session.send(assign(`${index}`))
    await Promise.resolve()
    side.session.send(assign('a microtask later'))
    await settle()
    expect(ear.pieces).toHaveLength(1)
  })

  it('ends over a peer that never reads, before memory does', async () => {
    const { opening, network } = await scripted()
    const side = await opening
    network.hold('ada', 'bob')
    const large = assign('1', 'x'.repeat(4_000_000))
    let sent = 0
    for (; side.ends.length === 0 && sent < 100; sent += 1) {
      side.session.send(large)
      await new Promise(setImmediate)
    }
    expect(side.ends).toEqual([
      expect.objectContaining({ message: 'the peer does not read what it is sent' }),
    ])
    expect(sent).toBeLessThan(LIMITS.unreadBytes / 4_000_000 + 4)
  })
})

/** An open session, and its peer. */
async function open() {
  const peer = await scripted()
  const side = await peer.opening
  await peer.listen()
  return { ...peer, side }
}

describe('the liveness of a session', () => {
  it('[N4] asks a silent peer after two seconds and again, and gives it up after six', async () => {
    const { clock, side, listen, ear } = await open()
    await clock.advance(1_999, settle)
    expect(await listen()).toEqual([])
    await clock.advance(1, settle)
    expect(await listen()).toEqual([{ type: 'ping', nonce: 1 }])
    await clock.advance(2_000, settle)
    expect(await listen()).toEqual([{ type: 'ping', nonce: 2 }])
    await clock.advance(1_999, settle)
    expect(side.ends).toEqual([])
    await clock.advance(1, settle)
    expect(side.ends).toEqual([
      expect.objectContaining({ code: 'PEER_SILENT', message: 'the peer has stopped answering' }),
    ])
    expect(await listen()).toEqual([goodbye('PEER_SILENT')])
    expect(ear.ends).toHaveLength(1)
    expect(clock.pending).toBe(0)
  })

  it('takes any bytes for a sign of life, also half a message', async () => {
    const { clock, side, far, say } = await open()
    const writer = new FrameWriter()
    writer.write(progress('1', 'slowly'))
    for (const piece of writer.take()) {
      for (const byte of piece) {
        far.send(Uint8Array.of(byte))
        await settle()
        await clock.advance(5_000, settle)
      }
    }
    await say({ type: 'pong', nonce: 1 })
    expect(side.heard).toEqual([progress('1', 'slowly')])
    expect(side.ends).toEqual([])
  })

  it('answers the peer’s ping with its number', async () => {
    const { say, listen } = await open()
    await say({ type: 'ping', nonce: 41 }, { type: 'pong', nonce: 5 })
    expect(await listen()).toEqual([{ type: 'pong', nonce: 41 }])
  })

  it('keeps two idle peers together for ever', async () => {
    const { near, far, clock } = await world()
    const [one, other] = await Promise.all([
      openSide(near, { hello: CLIENT, clock }),
      openSide(far, { hello: NODE, clock }),
    ])
    await clock.advance(120_000, settle)
    expect([one.ends, other.ends, one.heard, other.heard]).toEqual([[], [], [], []])
  })

  it('gives a peer one more chance after we ourselves stood still', async () => {
    const { clock, side, say } = await open()
    clock.stall(60_000)
    await clock.advance(0, settle)
    expect(side.ends).toEqual([])
    await say({ type: 'pong', nonce: 1 })
    await clock.advance(5_000, settle)
    expect(side.ends).toEqual([])
  })

  it('keeps one timer, however many messages come', async () => {
    const { clock, side, say } = await open()
    for (let index = 0; index < 100; index += 1) await say(progress(`${index}`, ''))
    expect(clock.pending).toBe(1)
    await side.session.close()
    expect(clock.pending).toBe(0)
  })
})
