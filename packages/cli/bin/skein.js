#!/usr/bin/env node
// Starts the command. Plain JavaScript that any Node from 18 reads: an old one is told so, or replaced.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import * as nodeModule from 'node:module'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const OLDEST = 24
const RELAUNCHED = 'SKEIN_RELAUNCHED'
const HERE = fileURLToPath(import.meta.url)
const windows = process.platform === 'win32'
const inRepository = !HERE.includes(`${sep}node_modules${sep}`)

if (Number(process.versions.node.split('.')[0]) < OLDEST) startWithNewerNode()
else await start()

/** In the repository the source runs as it is; a published package brings its build. */
async function start() {
  const modules = findAbove(dirname(HERE), 'node_modules')
  // Half of the time to start is compiling; a folder that cannot be written to is no trouble.
  if (modules) nodeModule.enableCompileCache(join(modules, '.cache', 'skein'))
  nodeModule.registerHooks({ resolve: inRepository ? resolveSource : resolveOwn })
  const { main } = await import(inRepository ? '../src/main.ts' : '../dist/main.js')
  await main(process.argv.slice(2))
}

/** The packages of this repository are read from their source. */
function resolveSource(specifier, context, next) {
  const conditions = [...context.conditions, '@skein/source']
  return resolveOwn(specifier, { ...context, conditions }, next)
}

/** A program outside any project still finds what the command itself is made of. */
function resolveOwn(specifier, context, next) {
  try {
    return asModule(next(specifier, context))
  } catch (error) {
    const ours = specifier === 'zod' || specifier.startsWith('@skein/')
    if (!ours || error.code !== 'ERR_MODULE_NOT_FOUND') throw error
    return next(specifier, { ...context, parentURL: import.meta.url })
  }
}

/** TypeScript that no package.json classifies is a module: Node would find out too, with a warning. */
function asModule(found) {
  const unclassified = found.format == null && found.url.endsWith('.ts')
  return unclassified ? { ...found, format: 'module-typescript' } : found
}

function startWithNewerNode() {
  // A Node found once and still too old would start itself for ever.
  const node = process.env[RELAUNCHED] ? undefined : findNode()
  if (node === undefined) {
    process.stderr.write(
      `skein needs Node ${OLDEST} or newer; this is ${process.version}. Install it from https://nodejs.org and try again.\n`,
    )
    process.exitCode = 1
    return
  }
  const child = spawn(node, [HERE, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, [RELAUNCHED]: '1' },
  })
  // The child ends first, and this process reports how. Where the terminal has told both, the child knows an echo.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1)
  })
}

/** The Node that the repository, or the project that installed this package, brings along. */
function findNode() {
  return findAbove(dirname(HERE), join('node_modules', '.bin', windows ? 'node.exe' : 'node'))
}

/** The first such path in this folder or one above it. */
function findAbove(folder, path) {
  const file = join(folder, path)
  if (existsSync(file)) return file
  const parent = dirname(folder)
  return parent === folder ? undefined : findAbove(parent, path)
}
