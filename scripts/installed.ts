import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Whether the packages of a folder's lockfile are there: installs them when they are not. */
export function installed(folder: string): boolean {
  const lock = createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex')
  const stamp = join(folder, 'node_modules/.installed')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return true
  console.error(`Installing packages in ${folder} (once) …`)
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
    // An outer npm hands its own folder's install strategy down; each folder's .npmrc decides for itself.
    env: { ...process.env, npm_config_install_strategy: undefined },
  })
  if (status === 0) writeFileSync(stamp, lock)
  else console.error(`npm ci failed in ${folder}: the lines above say why.`)
  return status === 0
}
