import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createLlamaEngine } from '../../src/engines/llama.ts'
import type { ToChild } from '../../src/engines/llama-messages.ts'
import { FakeClock } from '../fake-clock.ts'
import { settled } from '../hand-engine.ts'

/** Child processes as the engine sees them, which load no model. */
const fake = vi.hoisted(() => {
  class Child {
    readonly told: ToChild
    readonly opened = Promise.resolve(512)
    readonly #gone = Promise.withResolvers<void>()
    crash: Error | undefined

    constructor(told: ToChild) {
      this.told = told
      children.push(this)
    }

    get exited(): Promise<void> {
      return this.#gone.promise
    }

    die(): void {
      this.crash = new Error('gone')
      this.#gone.resolve()
    }

    close(): Promise<void> {
      return Promise.resolve()
    }
  }
  const children: Child[] = []
  return { children, Child }
})
vi.mock('../../src/engines/llama-process.ts', () => ({ LlamaProcess: fake.Child }))

const never = new AbortController().signal
const path = fileURLToPath(new URL('../../demo-model/demo.gguf', import.meta.url))

describe('options of the llama engine', () => {
  beforeEach(() => {
    fake.children.length = 0
  })

  it('[F24] slots, contextLength and threads: the child is told them', async () => {
    const said = { slots: 5, contextLength: 2048, threads: 3 }
    await using engine = createLlamaEngine({ path, name: 'm', ...said })
    expect(await engine.models(never)).toMatchObject([{ name: 'm', slots: 5, contextLength: 512 }])
    expect(fake.children.map(({ told }) => told)).toEqual([{ type: 'open', path, ...said }])
  })

  it('[F24] demonstration: whoever asks for models is told', async () => {
    await using engine = createLlamaEngine({ path, name: 'm', demonstration: true })
    expect(await engine.models(never)).toMatchObject([{ demonstration: true }])
  })

  it('[F24] clock: how long a child that died is not started again passes on it', async () => {
    const clock = new FakeClock()
    await using engine = createLlamaEngine({ path, name: 'm', clock })
    await engine.models(never)
    fake.children[0]?.die()
    await settled()
    const again = engine.models(never)
    await expect.poll(() => clock.pending).toBe(1)
    expect(fake.children).toHaveLength(1)
    clock.advance(250)
    await again
    expect(fake.children).toHaveLength(2)
  })
})
