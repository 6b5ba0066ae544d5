import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import {
  chmod,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { save } from '../../src/index.ts'
import { folderOfTests } from './files.ts'

const folder = folderOfTests()
const isUnix = process.platform !== 'win32'

async function* slowly(name: string, count: number) {
  for (let n = 0; n < count; n++) {
    await setTimeout(0)
    yield { name, n, filling: name.repeat(2000) }
  }
}

async function emptyFolder(name: string): Promise<string> {
  await mkdir(folder.path(name))
  return folder.path(name)
}

describe('a file that is saved', () => {
  it('[D33] is that of the last to finish, whole, when several save to it at once', async () => {
    const place = await emptyFolder('together')
    const file = `${place}/rows.jsonl`
    await Promise.all([save(file, slowly('a', 30)), save(file, slowly('b', 60))])
    const lines = (await readFile(file, 'utf8')).trim().split('\n')
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject(
      Array.from({ length: 60 }, (_, n) => ({ name: 'b', n })),
    )
    expect(await readdir(place)).toEqual(['rows.jsonl'])
  })

  it('[D33] stays as it was when one of several fails, and leaves the others their rows', async () => {
    const place = await emptyFolder('one-fails')
    const file = `${place}/rows.jsonl`
    const saving = save(file, slowly('a', 30))
    await expect(save(file, [new Map()])).rejects.toThrow('JSON has no Map')
    await saving
    expect((await readFile(file, 'utf8')).trim().split('\n')).toHaveLength(30)
    expect(await readdir(place)).toEqual(['rows.jsonl'])
  })

  it('[D33] clears away what killed processes left long ago, and nothing else', async () => {
    const place = await emptyFolder('left-over')
    const old = [
      'rows.csv.0123abcd.unfinished',
      'more-rows.csv.0123abcd.unfinished',
      'rows.csv.bak',
    ]
    for (const name of [...old, 'rows.csv.4567abcd.unfinished'])
      await writeFile(`${place}/${name}`, '')
    for (const name of old) await utimes(`${place}/${name}`, 1, 1)
    await save(`${place}/rows.csv`, [1])
    expect((await readdir(place)).toSorted()).toEqual([
      'more-rows.csv.0123abcd.unfinished',
      'rows.csv',
      'rows.csv.4567abcd.unfinished',
      'rows.csv.bak',
    ])
  })

  it.runIf(isUnix)('[D33] is where a link leads, and the link stays one', async () => {
    const place = await emptyFolder('links')
    await mkdir(`${place}/real`)
    await writeFile(`${place}/real/rows.jsonl`, 'before\n')
    await symlink('real/rows.jsonl', `${place}/first.jsonl`)
    await symlink('first.jsonl', `${place}/second.jsonl`)
    await symlink('real/later.jsonl', `${place}/dangling.jsonl`)
    await save(`${place}/second.jsonl`, ['through'])
    await save(`${place}/dangling.jsonl`, ['through'])
    for (const name of ['first', 'second', 'dangling']) {
      expect((await lstat(`${place}/${name}.jsonl`)).isSymbolicLink()).toBe(true)
    }
    expect(await readlink(`${place}/second.jsonl`)).toBe('first.jsonl')
    expect(await readFile(`${place}/real/rows.jsonl`, 'utf8')).toBe('"through"\n')
    expect(await readFile(`${place}/real/later.jsonl`, 'utf8')).toBe('"through"\n')
    expect((await readdir(`${place}/real`)).toSorted()).toEqual(['later.jsonl', 'rows.jsonl'])
  })

  it.runIf(isUnix)('[D33] may be read by nobody who could not read the one before', async () => {
    const file = folder.path('private.jsonl')
    for (const mode of [0o600, 0o664]) {
      await writeFile(file, '')
      await chmod(file, mode)
      await save(file, [1])
      expect((await stat(file)).mode & 0o777).toBe(mode)
    }
  })

  it.runIf(isUnix)('[D33] is written to as it is where it is a pipe', async () => {
    const pipe = folder.path('pipe.jsonl')
    await promisify(execFile)('mkfifo', [pipe])
    const [read] = await Promise.all([readFile(pipe, 'utf8'), save(pipe, [1, 2])])
    expect(read).toBe('1\n2\n')
    expect((await stat(pipe)).isFIFO()).toBe(true)
  })

  it.runIf(existsSync('/dev/fd'))('[D33] is added to what an output is sent to', async () => {
    const place = await emptyFolder('output')
    await using handle = await open(`${place}/output.txt`, 'a')
    await handle.write('before\n')
    await symlink(`/dev/fd/${handle.fd}`, `${place}/link.jsonl`)
    await save(`${place}/link.jsonl`, [1])
    await handle.write('after\n')
    expect(await readFile(`${place}/output.txt`, 'utf8')).toBe('before\n1\nafter\n')
  })

  it.runIf(existsSync('/dev/null'))('[D33] leaves a device what it is', async () => {
    const link = folder.path('device.jsonl')
    await symlink('/dev/null', link)
    await save(link, [1])
    expect((await lstat(link)).isSymbolicLink()).toBe(true)
    expect((await stat('/dev/null')).isCharacterDevice()).toBe(true)
  })
})
