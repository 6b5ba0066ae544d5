import {
  LIMITS,
  ProtocolError,
  SlotMap,
  type MessageOf,
  type OfferedModel,
  type RefusalCode,
  type Session,
  type TaskMessage,
} from '@skein/protocol'
import type { Answer, Checkpoint } from '@skein/workflows'
import type { LentModel } from './catalogue.ts'
import { Ticket } from './gate.ts'
import type { Ending, KeptResults } from './kept-results.ts'
import type { ClientStatus } from './status.ts'
import { Task, type Assignment, type Audience, type Workshop } from './task.ts'
import { WorkflowShelf } from './workflow-shelf.ts'

/** What sessions share at their node. */
export interface House {
  readonly workshop: Workshop
  readonly kept: KeptResults
  /** Whether the engines have been asked once: before that, an offer would say that there is nothing. */
  readonly isReady: boolean
  /** Models that tasks can be sent for. */
  offered(): readonly LentModel[]
  /** A task ended: for the counts. */
  ended(ending: Ending): void
  /** Something may have changed the credits of other clients. */
  stirred(): void
}

const SESSION_OVER = {
  ok: false,
  code: 'SESSION_CLOSED',
  message: 'the client is gone',
  retryable: true,
  fault: 'none',
} as const

const CANCELLED = {
  ok: false,
  code: 'CANCELLED',
  message: 'cancelled by the client',
  retryable: false,
  fault: 'none',
} as const

/** One client's tasks at this node, for as long as its session lasts. */
export class ClientSession implements Audience {
  /** Its name in admission: the same peer may be here twice for a moment. */
  readonly key: string
  readonly #session: Session
  readonly #house: House
  readonly #workflows = new WorkflowShelf()
  readonly #tasks = new SlotMap<string, Task>()
  #lastOffer = ''
  #isOver = false
  #hasLeft = false

  constructor(key: string, session: Session, house: House) {
    this.key = key
    this.#session = session
    this.#house = house
  }

  get peer(): string {
    return this.#session.peer
  }

  get name(): string {
    return this.#session.remote.name
  }

  get isListening(): boolean {
    return this.#session.writable
  }

  status(): ClientStatus {
    let running = 0
    for (const task of this.#tasks.values()) if (task.isRunning) running += 1
    const waiting = this.#tasks.size - running
    return { peer: this.peer, name: this.name, running, waiting }
  }

  /** Says what there is, and what this client missed when it was here before. */
  open(): void {
    this.#house.workshop.admission.join(this.key)
    this.offer()
    for (const ending of this.#house.kept.of(this.peer)) this.#send(ending)
    this.#house.stirred()
  }

  /** Says what there is and how much of it this client may ask for, unless it knows already. */
  offer(): void {
    if (!this.#house.isReady) return
    const { admission, now } = this.#house.workshop
    const credits = admission.grant(this.key, now())
    const models = this.#house
      .offered()
      .slice(0, LIMITS.models)
      .map((model) => toOffered(model, credits.get(model.info.name) ?? 0))
    const offer = { type: 'offer', models, draining: admission.isDraining } as const
    const text = JSON.stringify(offer)
    if (text === this.#lastOffer) return
    this.#lastOffer = text
    this.#send(offer)
  }

  /** What nodes say is not heard here: the session lets nobody say it to us. */
  hear(message: TaskMessage): void {
    if (message.type === 'assign') this.#assign(message)
    else if (message.type === 'acknowledge') this.#house.kept.forget(this.peer, message)
    else if (message.type === 'cancel') this.#cancel(message)
    else if (message.type === 'define') {
      this.#workflows.define(message.workflow, message.document)
    }
  }

  /** The session is over: nobody waits for the tasks any more. */
  close(): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const task of this.#tasks.values()) task.stop(SESSION_OVER)
    this.#leaveWhenDone()
  }

  /** Ends the session in good order: what was said before arrives. */
  async end(): Promise<void> {
    const ended = this.#session.close()
    this.close()
    await ended
  }

  #assign(assignment: Assignment): void {
    const document = this.#workflows.find(assignment.workflow)
    if (typeof document === 'string') {
      this.#refuse(assignment, 'invalid', document)
      return
    }
    const checkpoint = checkpointOf(assignment)
    if (checkpoint === 'malformed') {
      this.#refuse(assignment, 'invalid', 'the checkpoint holds something that is no answer')
      return
    }
    if (this.#tasks.has(assignment.task)) {
      // It ends soon: elsewhere, or later here, the task may go on.
      this.#refuse(assignment, 'no-slot', 'another attempt at this task is unfinished here')
      return
    }
    const { workshop } = this.#house
    const task = new Task({ assignment, document, checkpoint }, workshop, this)
    const { models } = assignment
    const ticket = workshop.admission.assign(this.key, { models, task }, workshop.now())
    if (ticket instanceof Ticket) {
      this.#tasks.set(assignment.task, task)
      task.enter(ticket)
      if (workshop.admission.isStale) this.#house.stirred()
    } else this.#refuse(assignment, ticket.code, ticket.message)
  }

  #refuse({ task, attempt }: Assignment, code: RefusalCode, message: string): void {
    this.#send({ type: 'refuse', task, attempt, code, message })
  }

  #cancel({ task, attempt }: MessageOf<'cancel'>): void {
    const found = this.#tasks.get(task)
    if (found?.assignment.attempt === attempt) found.stop(CANCELLED)
  }

  progress(message: MessageOf<'progress'>): boolean {
    try {
      this.#session.send(message)
      return true
    } catch {
      return false
    }
  }

  ended(task: Task, ending: Ending): void {
    this.#tasks.delete(task.assignment.task)
    this.#house.ended(ending)
    if (this.#isOver) {
      this.#leaveWhenDone()
      return
    }
    const told = this.#send(ending)
    if (told !== undefined) this.#house.kept.keep(this.peer, told)
    if (this.#house.workshop.admission.isStale) this.#house.stirred()
  }

  #leaveWhenDone(): void {
    if (this.#tasks.size > 0 || this.#hasLeft) return
    this.#hasLeft = true
    this.#house.workshop.admission.leave(this.key)
    this.#house.stirred()
  }

  /** Sends a message, or what can be said in its stead. Gives back what was an ending. */
  #send(message: TaskMessage): Ending | undefined {
    try {
      this.#session.send(message)
      return message.type === 'finish' || message.type === 'fail' ? message : undefined
    } catch (error) {
      if (message.type !== 'finish' || !(error instanceof ProtocolError)) return undefined
      const { task, attempt } = message
      return this.#send({
        type: 'fail',
        task,
        attempt,
        code: error.code,
        message: `the result cannot be sent: ${error.message}`,
        retryable: false,
        fault: 'task',
      })
    }
  }
}

function toOffered({ info, speed }: LentModel, credits: number): OfferedModel {
  const { name, digest, contextLength, slots, capabilities, demonstration } = info
  const { tokensPerSecond } = speed
  return {
    name,
    contextLength,
    slots,
    credits,
    capabilities: [...capabilities],
    ...(digest === undefined ? {} : { digest }),
    ...(tokensPerSecond === undefined ? {} : { tokensPerSecond }),
    ...(demonstration === undefined ? {} : { demonstration }),
  }
}

/** The interpreter checks what answers mean; here only that they are some. */
function checkpointOf({ checkpoint }: Assignment): Checkpoint | 'malformed' | undefined {
  if (checkpoint === undefined) return undefined
  const answers = checkpoint.answers.filter(isAnswer)
  return answers.length === checkpoint.answers.length ? { answers } : 'malformed'
}

function isAnswer(value: unknown): value is Answer {
  if (!isKind(value)) return false
  if (value.kind !== 'branch') return isSingleAnswer(value)
  const isNamed = 'branch' in value && typeof value.branch === 'string'
  return isNamed && 'answer' in value && isKind(value.answer) && isSingleAnswer(value.answer)
}

function isKind(value: unknown): value is { readonly kind: string } {
  return (
    typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string'
  )
}

function isSingleAnswer(value: { readonly kind: string }): boolean {
  if (value.kind === 'branch') return false
  if (value.kind === 'embedding') return 'vectors' in value && Array.isArray(value.vectors)
  return value.kind !== 'completion' || ('text' in value && typeof value.text === 'string')
}
