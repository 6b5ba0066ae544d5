import { describe, expect, it } from 'vitest'
import { Browser, HAS_BROWSER } from './browser.ts'
import { Home, until, type Running } from './skein.ts'

/** A person says yes or no to each draft. */
const REVIEWS = `import { external, pipeline, step } from '@skein/client'
import { z } from 'zod'
const review = external({ name: 'review', input: z.object({ draft: z.string() }), output: z.boolean() })
const publish = step({ name: 'publish', input: z.boolean(), output: z.string(), run: (ok) => {
  if (!ok) throw new Error('<b>not</b> good enough')
  return 'published'
} })
export const reviews = pipeline('reviews', { draft: z.string() })
  .step(review)
  .step(publish, { minSuccessRatio: 0.5 })
`

/** The address that was printed. */
async function addressOf({ child }: Running): Promise<string> {
  let seen = ''
  child.stdout?.on('data', (piece: Buffer) => (seen += piece.toString()))
  await until('the address is there', () => seen.includes('\n'))
  return seen.trim()
}

describe('skein ui', () => {
  it('[F23] shows whoever has its address how runs go, and nobody else', async () => {
    await using home = await Home.create()
    const server = home.start(['ui'])
    const address = await addressOf(server)
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{32}$/)
    const { origin, hash } = new URL(address)
    const ask = (token: string) =>
      fetch(`${origin}/moment`, { headers: { authorization: `Bearer ${token}` } })
    expect((await ask('guess')).status).toBe(401)
    const told = await ask(hash.slice('#token='.length))
    expect(told.status).toBe(200)
    expect(await told.json()).toMatchObject({ runs: [] })
    expect((await fetch(`${origin}//`)).status).toBe(400)
    server.child.kill('SIGINT')
    expect(await server.ended).toMatchObject({ code: 0 })
  })

  // Debian's package `chromium` is the browser.
  it.skipIf(!HAS_BROWSER)('[F23] shows steps change live in a browser', async () => {
    await using home = await Home.create()
    const program = await home.file('reviews.ts', REVIEWS)
    const rows = await home.file('drafts.jsonl', '{"draft":"a"}\n{"draft":"b"}')
    const server = home.start(['ui'])
    await using browser = await Browser.open(await addressOf(server))
    const shows = (text: RegExp) =>
      until(`the page shows ${text}`, async () => text.test(await browser.text()))
    await shows(/Nothing was run yet/)

    const run = home.start(['run', program, '--inputs', rows, '--id', 'reviews'])
    await shows(/reviews running[^]*review\s+0\s+0\s+2\s+0\s+0/)
    const { out } = await home.run(['tasks', 'list', '--json'])
    const keys = [...out.matchAll(/"key":"([^"]+)"/g)].map(([, key = '']) => key)
    await home.run(['tasks', 'complete', keys[0] ?? '', '--json', 'true'])
    await shows(/review\s+1\s+0\s+1\s+0\s+0\s+publish\s+1/)
    await home.run(['tasks', 'complete', keys[1] ?? '', '--json', 'false'])
    await run.ended
    await shows(/reviews done[^]*publish\s+1\s+1\s+0[^]*Failures[^]*<b>not<\/b> good enough/)
    // What is copied from there gives the token to nobody.
    expect(await browser.evaluate('location.hash')).toBe('')
    expect(await browser.evaluate('document.title')).toBe('reviews done – Skein')

    const again = await home.run(['runs', 'rerun', 'reviews', '--from', 'publish', '--id', 'again'])
    expect(again.talk).toContain('again')
    await shows(/^again done/m)
    await browser.evaluate(`document.querySelector('a[href="#run=reviews"]').click()`)
    await shows(/^reviews done/m)
    await browser.evaluate("document.querySelector('#latest').click()")
    await shows(/^again done/m)

    const stopped = home.start(['run', program, '--inputs', rows, '--id', 'stopped'])
    await shows(/stopped running[^]*review\s+0\s+0\s+2\s+0\s+0/)
    expect(await browser.text()).not.toContain('Cancelled')
    stopped.child.kill('SIGINT')
    await stopped.ended
    await shows(/stopped cancelled[^]*Cancelled[^]*review\s+0\s+0\s+0\s+0\s+0\s+2/)
    server.child.kill('SIGKILL')
    await shows(/The connection is lost/)
  })
})
