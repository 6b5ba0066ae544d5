import { chmod, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { createIdentity, loadIdentity } from '../src/identity.ts'
import { temporaryFolder } from './temporary-folder.ts'

describe('an identity', () => {
  it('is an Ed25519 key that names its peer', async () => {
    const identity = await createIdentity()
    expect(identity.peer).toMatch(/^12D3KooW/u)
    expect(identity.privateKey.publicKey.toString()).toBe(identity.peer)
    const words = Buffer.from('words')
    const signature = await identity.privateKey.sign(words)
    expect(await identity.privateKey.publicKey.verify(words, signature)).toBe(true)
  })

  it('is another each time', async () => {
    expect((await createIdentity()).peer).not.toBe((await createIdentity()).peer)
  })
})

describe('the file of an identity', () => {
  const file = temporaryFolder()

  it('is made on first use, for its owner only, and read ever after', async () => {
    const { peer } = await loadIdentity(file('a/b/node.key'))
    expect((await stat(file('a/b/node.key'))).mode & 0o777).toBe(0o600)
    expect((await loadIdentity(file('a/b/node.key'))).peer).toBe(peer)
  })

  it('is one, whoever asks first: processes that start together agree', async () => {
    const loading = Array.from({ length: 20 }, () => loadIdentity(file('node.key')))
    const peers = new Set((await Promise.all(loading)).map(({ peer }) => peer))
    expect(peers.size).toBe(1)
  })

  it('is refused when any byte of it is damaged, and never read as another identity', async () => {
    const { peer } = await loadIdentity(file('node.key'))
    const bytes = Buffer.from(await readFile(file('node.key'), 'utf8'), 'base64url')
    for (const place of bytes.keys()) {
      const damaged = Buffer.from(bytes)
      damaged[place] = (damaged[place] ?? 0) ^ 0x10
      await writeFile(file('node.key'), damaged.toString('base64url'))
      await expect(loadIdentity(file('node.key'))).rejects.toMatchObject({ code: 'INVALID_KEY' })
    }
    await writeFile(file('node.key'), bytes.toString('base64url'))
    expect((await loadIdentity(file('node.key'))).peer).toBe(peer)
  })

  it('is refused when it is empty, cut, huge, or of another kind, with the way out', async () => {
    for (const content of ['', 'AAAA', 'x'.repeat(1_000_000), '-----BEGIN PRIVATE KEY-----']) {
      await writeFile(file('node.key'), content, { mode: 0o600 })
      await expect(loadIdentity(file('node.key'))).rejects.toMatchObject({
        code: 'INVALID_KEY',
        message: `the identity in ${file('node.key')} is damaged: restore the file, or delete it to make a new one`,
      })
    }
  })

  it('is refused when others can read it, with the way out', async () => {
    await loadIdentity(file('node.key'))
    await chmod(file('node.key'), 0o640)
    await expect(loadIdentity(file('node.key'))).rejects.toMatchObject({
      code: 'INVALID_KEY',
      message: expect.stringContaining(`chmod 600 '${file('node.key')}'`) as unknown,
    })
  })

  it('is refused when it is a folder, or lies in something that is none', async () => {
    await mkdir(file('node.key'))
    await expect(loadIdentity(file('node.key'))).rejects.toMatchObject({
      code: 'INVALID_KEY',
      message: `the identity should be in ${file('node.key')}, but that is no file: move it away, or name another file`,
    })
    await writeFile(file('plain'), '')
    await expect(loadIdentity(file('plain/node.key'))).rejects.toMatchObject({
      code: 'INVALID_KEY',
      message: expect.stringContaining('ENOTDIR') as unknown,
    })
    await symlink(file('loop'), file('loop'))
    await expect(loadIdentity(file('loop'))).rejects.toMatchObject({ code: 'INVALID_KEY' })
  })
})
