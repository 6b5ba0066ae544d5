import { describe, expect, it } from 'vitest'
import { Catalogue } from '../src/catalogue.ts'
import { EngineError } from '../src/engines/engine.ts'
import { HandEngine } from './hand-engine.ts'

const never = new AbortController().signal

describe('the catalogue of models', () => {
  it('lends what runs here, once by each name, from the first engine that has it', async () => {
    const first = new HandEngine({ name: 'a' }, { name: 'cloud', remote: true })
    const second = new HandEngine({ name: 'a' }, { name: 'b' }, { name: 'c', capabilities: [] })
    const catalogue = new Catalogue([first, second])
    await catalogue.refresh(never)
    expect([...catalogue.models.keys()]).toEqual(['a', 'b'])
    expect(catalogue.models.get('a')?.engine).toBe(first)
  })

  it('loses the models of an engine that is gone, says why, and keeps the others', async () => {
    const engine = new HandEngine({ name: 'a' })
    const catalogue = new Catalogue([engine, new HandEngine({ name: 'b' })])
    await catalogue.refresh(never)
    engine.gone = new EngineError('UNAVAILABLE', 'nobody there')
    await catalogue.refresh(never)
    expect([...catalogue.models.keys()]).toEqual(['b'])
    expect(catalogue.problems).toEqual(['nobody there'])
  })

  it('remembers how fast a model was', async () => {
    const catalogue = new Catalogue([new HandEngine({ name: 'a' })])
    await catalogue.refresh(never)
    catalogue.models.get('a')?.speed.note(100, 1000)
    await catalogue.refresh(never)
    expect(catalogue.models.get('a')?.speed.tokensPerSecond).toBe(100)
  })
})
