import { createMemoryStore, RecordedRuns } from '@skein/client'
import { describe, expect, it } from 'vitest'
import { pageHandler } from '../../src/page/page-handler.ts'

const TOKEN = 'secret'

interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

async function asked(path: string, { method = 'GET', headers }: Asked = {}): Promise<Response> {
  const store = createMemoryStore()
  const handler = pageHandler(() => ({ store, runs: new RecordedRuns(store) }), TOKEN)
  const said = { host: '127.0.0.1:8080', ...headers }
  return handler(new Request(`http://127.0.0.1:8080${path}`, { method, headers: said }))
}

describe('[F23] the handler of the page', () => {
  it('gives the page, which runs nothing but its own script', async () => {
    const response = await asked('/')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(response.headers.get('content-security-policy')).toContain("script-src 'self'")
    const html = await response.text()
    const files = Array.from(html.matchAll(/(?:src|href)="([^":#]+)"/g), ([, file = '']) => file)
    expect(files).toEqual(['page.css', 'page.js'])
    for (const file of files) expect((await asked(`/${file}`)).status).toBe(200)
  })

  it('tells nothing of a run to whoever lacks the token', async () => {
    expect((await asked('/moment')).status).toBe(401)
    const headers = { authorization: 'Bearer guess' }
    expect((await asked('/moment?run=geese', { headers })).status).toBe(401)
  })

  it('gives what has not changed only once', async () => {
    const authorization = `Bearer ${TOKEN}`
    const first = await asked('/moment', { headers: { authorization } })
    expect(await first.json()).toMatchObject({ runs: [] })
    const known = first.headers.get('etag') ?? ''
    const headers = { authorization, 'if-none-match': known }
    expect((await asked('/moment', { headers })).status).toBe(304)
    headers['if-none-match'] = '"another"'
    expect((await asked('/moment', { headers })).status).toBe(200)
  })

  it('answers no page of elsewhere whose name was made to lead here', async () => {
    const headers = { host: 'evil.example:8080', authorization: `Bearer ${TOKEN}` }
    expect((await asked('/', { headers })).status).toBe(403)
    expect((await asked('/moment', { headers })).status).toBe(403)
    expect((await asked('/', { headers: { host: 'localhost:8080' } })).status).toBe(200)
  })

  it('gives no other file and takes nothing', async () => {
    for (const path of ['/page', '/../package.json', '/%2e%2e/package.json', '/tsconfig.json']) {
      expect((await asked(path)).status).toBe(404)
    }
    expect((await asked('/', { method: 'POST' })).status).toBe(405)
  })
})
