import { describe, expect, it } from 'vitest'

/** Changing what a package exports is a deliberate act: it changes this list. */
describe.each(['workflows', 'protocol', 'node', 'client'])('package %s', (name) => {
  it('exports what it says', async () => {
    const module = (await import(`@skein/${name}`)) as Record<string, unknown>
    expect(Object.keys(module).toSorted()).toMatchSnapshot()
  })
})
