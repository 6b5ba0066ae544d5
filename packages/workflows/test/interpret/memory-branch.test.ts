import { beforeEach, describe, expect, it } from 'vitest'
import { Memory } from '../../src/interpret/memory.ts'

describe('the memory of a branch', () => {
  const gap = { origin: 'a', reason: 'it failed' }
  let outer: Memory
  let branch: Memory

  beforeEach(() => {
    outer = new Memory({ given: 'g', list: [1, 2] }, { before: 'b' })
    outer.write('written', 'w')
    outer.push('pushed', 'p')
    outer.insert('text')
    outer.leave('gone', gap)
    branch = outer.branch({ item: 'i' })
  })

  it('[D15] begins with all that the one around it holds, and more', () => {
    expect(['given', 'before', 'written', 'item'].map((key) => branch.read(key))).toEqual([
      'g',
      'b',
      'w',
      'i',
    ])
    expect(branch.read('pushed')).toEqual(['p'])
    expect(branch.inserted).toEqual(['text'])
    expect(branch.absence('gone')).toEqual(gap)
    expect(branch.take({ type: 'input' })).toEqual({ given: 'g', list: [1, 2] })
  })

  it('[D15] keeps what it changes to itself', () => {
    branch.write('written', 'new')
    branch.write('gone', 'back')
    branch.push('pushed', 'q')
    branch.push('list', 3)
    branch.insert('more')
    branch.leave('given', gap)
    expect([branch.read('written'), branch.read('gone'), branch.read('given')]).toEqual([
      'new',
      'back',
      undefined,
    ])
    expect([branch.absence('gone'), branch.absence('given')]).toEqual([undefined, gap])
    expect([branch.read('pushed'), branch.read('list')]).toEqual([
      ['p', 'q'],
      [1, 2, 3],
    ])
    expect(branch.inserted).toEqual(['text', 'more'])

    expect([outer.read('written'), outer.read('gone'), outer.read('given')]).toEqual([
      'w',
      undefined,
      'g',
    ])
    expect([outer.absence('gone'), outer.absence('given')]).toEqual([gap, undefined])
    expect([outer.read('pushed'), outer.read('list')]).toEqual([['p'], [1, 2]])
    expect(outer.inserted).toEqual(['text'])
    expect(outer.read('item')).toBeUndefined()
  })

  it('[D15] takes from lists without taking from the one around it', () => {
    expect([branch.pop('list'), branch.pop('list'), branch.pop('list')]).toEqual([2, 1, undefined])
    expect([branch.size('list'), branch.read('list')]).toEqual([0, []])
    expect(branch.pop('pushed')).toBe('p')
    expect([outer.read('list'), outer.read('pushed')]).toEqual([[1, 2], ['p']])
  })

  it('[D15] looks into lists without changing them', () => {
    expect([branch.size('list'), branch.peek('list', 1), branch.all('pushed')]).toEqual([
      2,
      2,
      ['p'],
    ])
    expect([branch.size('given'), branch.peek('given', 0), branch.all('given')]).toEqual([
      0,
      undefined,
      [],
    ])
    expect(branch.pop('given')).toBeUndefined()
    expect(branch.read('given')).toBe('g')
  })

  it('[D15] is the outer one of a branch inside', () => {
    branch.write('written', 'new')
    branch.push('pushed', 'q')
    branch.insert('more')
    const inner = branch.branch({ item: 'j' })
    expect([inner.read('written'), inner.read('item'), inner.read('given')]).toEqual([
      'new',
      'j',
      'g',
    ])
    expect(inner.all('pushed')).toEqual(['p', 'q'])
    expect(inner.inserted).toEqual(['text', 'more'])
    expect(inner.pop('pushed')).toBe('q')
    expect(branch.all('pushed')).toEqual(['p', 'q'])
  })

  it('[D15] gives lists of its own: what is done to them changes nothing', () => {
    for (const list of [branch.read('pushed'), branch.all('pushed'), branch.all('list')]) {
      if (Array.isArray(list)) list.push('x')
    }
    expect([branch.size('pushed'), branch.size('list'), outer.size('pushed')]).toEqual([1, 2, 1])
  })

  it('[D15] [X6] counts the texts around it, too', () => {
    outer.insert('x'.repeat(32 * 1024 * 1024 - 4))
    const full = outer.branch({})
    full.insert('')
    expect(() => full.insert('x')).toThrow(expect.objectContaining({ code: 'STEP_FAILED' }))
  })
})
