import { LIMITS } from '@skein/protocol'
import { WorkflowBuilder } from '@skein/workflows'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { WorkflowShelf } from '../src/workflow-shelf.ts'

const build = (name: string, prompt = 'Hello {{x}}') =>
  new WorkflowBuilder(name, { x: z.string() })
    .generativeStep({ id: 'a', prompt })
    .setReturnValue('a')
    .build()

describe('a shelf of workflows', () => {
  it('has what was put there, under its id', () => {
    const shelf = new WorkflowShelf()
    const { id, document } = build('one')
    shelf.define(id, JSON.parse(JSON.stringify(document)))
    expect(shelf.find(id)).toEqual(document)
  })

  it('says what is wrong, and goes on', () => {
    const shelf = new WorkflowShelf()
    const { id, document } = build('one')
    shelf.define('wrong id', document)
    shelf.define(id, { version: 1, steps: 'many' })
    expect(shelf.find('wrong id')).toContain('does not have the id')
    expect(shelf.find(id)).toMatch(/\w+/)
    expect(typeof shelf.find(id)).toBe('string')
    expect(shelf.find('never defined')).toContain('define it first')
  })

  it('holds so many: the one that was defined first gives way, and may be defined again', () => {
    const shelf = new WorkflowShelf()
    const { id, document } = build('one')
    shelf.define(id, document)
    for (let count = 1; count < LIMITS.workflows; count += 1) shelf.define(`id ${count}`, undefined)
    shelf.define(id, document)
    expect(shelf.find(id)).toEqual(document)
    shelf.define('one more', undefined)
    expect(shelf.find(id)).toContain('define it first')
    expect(shelf.find('id 1')).not.toContain('define it first')
    shelf.define(id, document)
    expect(shelf.find(id)).toEqual(document)
    expect(shelf.find('id 1')).toContain('define it first')
  })

  it('takes so much memory and no more', () => {
    const shelf = new WorkflowShelf(5000)
    const workflows = [0, 1, 2].map((count) => build(`w${count}`, `{{x}}${'y'.repeat(2000)}`))
    for (const { id, document } of workflows) shelf.define(id, document)
    expect(workflows.map(({ id }) => typeof shelf.find(id))).toEqual(['object', 'object', 'string'])
    expect(shelf.find(workflows[2]?.id ?? '')).toContain('memory')
    for (let count = 0; count < LIMITS.workflows; count += 1) shelf.define(`id ${count}`, undefined)
    for (const { id, document } of workflows) shelf.define(id, document)
    expect(workflows.map(({ id }) => typeof shelf.find(id))).toEqual(['object', 'object', 'string'])
  })
})
