import { openSession, type Channel, type Clock, type Introduction } from '@skein/protocol'
import { ClientSession, type House } from './client-session.ts'

/** Clients that one node serves at once; each has at least one credit. */
const MOST_SESSIONS = 256

export interface ReceptionOptions {
  readonly hello: Introduction
  readonly clock: Clock
  readonly house: House
  /** Somebody came or went, for the log. */
  readonly note: (what: string) => void
}

/** Opens a session for each channel that comes in, and keeps them. */
export class Reception {
  readonly sessions = new Set<ClientSession>()
  readonly #options: ReceptionOptions
  #count = 0

  constructor(options: ReceptionOptions) {
    this.#options = options
  }

  /** Never rejects: what goes wrong with one client is nobody else's matter. */
  async welcome(channel: Channel): Promise<void> {
    const { hello, clock, house, note } = this.#options
    let client: ClientSession | undefined
    try {
      const session = await openSession(channel, {
        hello,
        clock,
        handlers: {
          message: (message) => client?.hear(message),
          closed: (error) => {
            if (client !== undefined) this.#dismiss(client, error)
          },
        },
      })
      if (session.remote.role !== 'client' || this.sessions.size >= MOST_SESSIONS) {
        note(
          `sent ${session.peer} away: ${session.remote.role === 'client' ? 'full' : 'no client'}`,
        )
        await session.close()
        return
      }
      this.#count += 1
      client = new ClientSession(`${session.peer}#${this.#count}`, session, house)
      this.sessions.add(client)
      note(`${session.remote.name} (${session.peer}) is here`)
      client.open()
    } catch (error) {
      note(`no session with ${channel.peer}: ${error instanceof Error ? error.message : 'unknown'}`)
    }
  }

  #dismiss(client: ClientSession, error: Error | undefined): void {
    this.sessions.delete(client)
    client.close()
    this.#options.note(`${client.name} (${client.peer}) left${error ? `: ${error.message}` : ''}`)
  }
}
