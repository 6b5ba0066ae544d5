import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LIMITS } from '../src/limits.ts'
import type { MessageOf, TaskMessage } from '../src/messages.ts'
import { openSession } from '../src/open-session.ts'
import type { Session, SessionOptions } from '../src/session.ts'
import type { Channel } from '../src/transport.ts'
import type { Pair } from './transport-contract.ts'

/** One side of a session, and all it was told. */
export interface Side {
  readonly session: Session
  readonly heard: TaskMessage[]
  readonly ends: (Error | undefined)[]
  readonly told: { writable: number }
  until(condition: () => boolean): Promise<void>
}

export const CLIENT = { role: 'client', name: 'ada', agent: 'test/1' } as const
export const NODE = { role: 'node', name: 'bob', agent: 'test/1' } as const

/** Opens one side of a session and keeps what it hears. */
export async function openSide(
  channel: Channel,
  options: Pick<SessionOptions, 'hello'> & Partial<SessionOptions>,
): Promise<Side> {
  const heard: TaskMessage[] = []
  const ends: (Error | undefined)[] = []
  const told = { writable: 0 }
  let wake: (() => void) | undefined
  const session = await openSession(channel, {
    ...options,
    handlers: {
      message: (message) => {
        heard.push(message)
        wake?.()
      },
      writable: () => {
        told.writable += 1
        wake?.()
      },
      closed: (error) => {
        ends.push(error)
        wake?.()
      },
    },
  })
  const until = async (condition: () => boolean) => {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  return { session, heard, ends, told, until }
}

export const assign = (task: string, text = ''): MessageOf<'assign'> => ({
  type: 'assign',
  task,
  attempt: 1,
  workflow: 'w',
  input: { text },
  models: [],
})

export const progress = (task: string, text: string): MessageOf<'progress'> => ({
  type: 'progress',
  task,
  attempt: 1,
  tokens: 1,
  step: 'write',
  text,
})

/** What a session does over every transport. */
export function describeSession(name: string, create: () => Promise<Pair>): void {
  describe(`a session over ${name}`, () => {
    let pair: Pair
    let client: Side
    let node: Side

    beforeEach(async () => {
      pair = await create()
      const accepted = new Promise<Channel>((resolve) => {
        pair.listener.accept(resolve)
      })
      const dialled = await pair.dialler.dial(pair.listener.addresses[0] ?? '', {
        signal: AbortSignal.timeout(10_000),
      })
      ;[client, node] = await Promise.all([
        openSide(dialled, { hello: CLIENT }),
        openSide(await accepted, { hello: NODE }),
      ])
    })

    afterEach(async () => {
      await pair.dialler[Symbol.asyncDispose]()
      await pair.listener[Symbol.asyncDispose]()
    })

    it('introduces each side to the other', () => {
      expect(client.session.remote).toEqual({ type: 'hello', version: 2, ...NODE })
      expect(node.session.remote).toEqual({ type: 'hello', version: 2, ...CLIENT })
      expect(client.session.peer).toBe(pair.listener.peer)
      expect(node.session.peer).toBe(pair.dialler.peer)
    })

    it('carries thousands of messages both ways at once, each once and in order', async () => {
      const count = 3_000
      for (let index = 0; index < count; index += 1) {
        client.session.send(assign(`${index}`, 'x'.repeat(index % 500)))
        node.session.send(progress(`${index}`, 'y'.repeat(index % 300)))
        if (index % 100 === 0) await new Promise(setImmediate)
      }
      await node.until(() => node.heard.length === count)
      await client.until(() => client.heard.length === count)
      const order = Array.from({ length: count }, (_, index) => `${index}`)
      expect(node.heard.map((message) => 'task' in message && message.task)).toEqual(order)
      expect(client.heard.map((message) => 'task' in message && message.task)).toEqual(order)
    })

    it('carries a message as large as a frame may be, and others after it', async () => {
      const text = '€'.repeat((LIMITS.frameBytes - 200) / 3)
      client.session.send(assign('large', text))
      client.session.send(assign('small'))
      await node.until(() => node.heard.length === 2)
      expect(node.heard).toEqual([assign('large', text), assign('small')])
    })

    it('refuses to send what is too large or wrong, and goes on', async () => {
      expect(() => client.session.send(assign('1', 'x'.repeat(5_000_000)))).toThrow(
        expect.objectContaining({
          code: 'FRAME_TOO_LARGE',
          message: expect.any(String) as unknown,
        }),
      )
      expect(() => client.session.send({ ...assign('2'), attempt: 0 })).toThrow(
        expect.objectContaining({ code: 'MALFORMED_FRAME' }),
      )
      client.session.send(assign('3'))
      await node.until(() => node.heard.length > 0)
      expect(node.heard).toEqual([assign('3')])
      expect([client.ends, node.ends]).toEqual([[], []])
    })

    it('says when too much waits for the peer, and when there is room again', async () => {
      let sent = 0
      while (client.session.writable) {
        sent += 1
        client.session.send(assign(`${sent}`, 'x'.repeat(100_000)))
        if (sent % 16 === 0) await new Promise(setImmediate)
      }
      await client.until(() => client.told.writable > 0)
      expect(client.session.writable).toBe(true)
      await node.until(() => node.heard.length === sent)
      expect(client.told.writable).toBe(1)
    })

    it('ends with a goodbye: all that was said before arrives, both sides are told once', async () => {
      const text = 'x'.repeat(30_000)
      for (let index = 0; index < 100; index += 1) node.session.send(progress(`${index}`, text))
      await node.session.close()
      await client.until(() => client.ends.length > 0)
      expect(client.heard).toHaveLength(100)
      expect([client.ends, node.ends]).toEqual([[undefined], [undefined]])
      client.session.send(assign('late'))
      node.session.send(progress('late', ''))
      await client.session.close()
      await node.session.close()
      node.session.abort(new Error('again'))
      expect([client.ends, node.ends, node.heard]).toEqual([[undefined], [undefined], []])
      expect([client.session.writable, node.session.writable]).toEqual([false, false])
    })

    it('tells an abort from a goodbye', async () => {
      const error = new Error('enough')
      client.session.abort(error)
      await node.until(() => node.ends.length > 0)
      await client.until(() => client.ends.length > 0)
      expect(client.ends).toEqual([error])
      expect(node.ends).toEqual([expect.objectContaining({ code: 'SESSION_CLOSED' })])
    })

    it('tells the other side when its program goes away', async () => {
      await pair.listener[Symbol.asyncDispose]()
      await client.until(() => client.ends.length > 0)
      expect(client.ends).toEqual([expect.objectContaining({ code: 'SESSION_CLOSED' })])
    })
  })
}
