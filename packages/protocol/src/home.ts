import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { z } from 'zod'
import { claim } from './claim.ts'
import { ProtocolError } from './errors.ts'
import { codeOf } from './exclusive-file.ts'
import { loadIdentity, type Identity } from './identity.ts'
import { loadNetworkKey, type NetworkKey } from './network-key.ts'
import { isRunning, ownMark, ProcessMark } from './process-mark.ts'

/** A node of this user on this machine, as it stands in the register. */
export type RunningNode = z.infer<typeof RunningNode>
const RunningNode = z.object({
  peer: z.string(),
  /** For people. */
  name: z.string(),
  addresses: z.array(z.string()),
  /** The `id` of its network's key. */
  network: z.string(),
})

const Entry = RunningNode.extend({ process: ProcessMark })

/** An identity that no other process of this home uses at the same time. */
export interface ClaimedIdentity extends Identity, AsyncDisposable {
  /** The name under which it is kept: `node`, `node-2`, … */
  readonly name: string
}

/** The folder of settings: the network's key, identities, and the nodes that run on this machine. */
export interface Home {
  readonly directory: string
  /** The key of the network; made on first use. */
  networkKey(): Promise<NetworkKey>
  /** The identity of that name; made on first use. */
  identity(name: string): Promise<Identity>
  /** The first identity of that name, that name and `-2`, `-3`, … that nobody uses now. */
  claimIdentity(name: string): Promise<ClaimedIdentity>
  /** Lists a node for the programs on this machine, until disposed of or until its process dies. */
  register(node: RunningNode): Promise<AsyncDisposable>
  /** The nodes that run on this machine now. */
  nodes(): Promise<readonly RunningNode[]>
}

/** What decides where the folder is. */
export interface HomeSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  readonly userFolder: string
}

/** More identities of one name than anybody runs; the search has an end. */
const MOST_IDENTITIES = 1_000

/**
 * Opens the folder of settings, after making it: the one given, or `SKEIN_HOME`, or the platform's.
 *
 * @throws {ProtocolError} `HOME_UNAVAILABLE` naming the folder and the mend
 */
export async function openHome(directory: string = defaultHome()): Promise<Home> {
  const root = path.resolve(directory)
  await within(root, async () => {
    await mkdir(path.join(root, 'identities'), { recursive: true, mode: 0o700 })
    await mkdir(path.join(root, 'nodes'), { recursive: true, mode: 0o700 })
  })
  return new FolderHome(root)
}

/** Where the settings live when nobody says. */
export function defaultHome(
  { env, platform, userFolder }: HomeSurroundings = {
    env: process.env,
    platform: process.platform,
    userFolder: homedir(),
  },
): string {
  const chosen = env['SKEIN_HOME']
  if (chosen !== undefined && chosen !== '') return chosen
  if (platform === 'win32') {
    return path.join(env['APPDATA'] ?? path.join(userFolder, 'AppData', 'Roaming'), 'skein')
  }
  if (platform === 'darwin') return path.join(userFolder, 'Library', 'Application Support', 'skein')
  const config = env['XDG_CONFIG_HOME']
  return path.join(
    config === undefined || config === '' ? path.join(userFolder, '.config') : config,
    'skein',
  )
}

class FolderHome implements Home {
  readonly directory: string

  constructor(directory: string) {
    this.directory = directory
  }

  networkKey(): Promise<NetworkKey> {
    return loadNetworkKey(path.join(this.directory, 'network.key'))
  }

  identity(name: string): Promise<Identity> {
    return loadIdentity(this.#identityFile(name, 'key'))
  }

  async claimIdentity(name: string): Promise<ClaimedIdentity> {
    for (let count = 1; count <= MOST_IDENTITIES; count += 1) {
      const candidate = count === 1 ? name : `${name}-${count}`
      const held = await within(this.directory, () => claim(this.#identityFile(candidate, 'lock')))
      if (held === undefined) continue
      const identity = await this.identity(candidate)
      return { ...identity, name: candidate, [Symbol.asyncDispose]: () => held.release() }
    }
    throw unavailable(this.directory, `all ${MOST_IDENTITIES} identities named ${name} are in use`)
  }

  async register(node: RunningNode): Promise<AsyncDisposable> {
    const file = path.join(this.directory, 'nodes', `${fileName(node.peer)}.json`)
    const entry = { ...RunningNode.parse(node), process: await ownMark() }
    await within(this.directory, async () => {
      const draft = `${file}.${process.pid}`
      await writeFile(draft, JSON.stringify(entry), { mode: 0o600 })
      await rename(draft, file)
    })
    return { [Symbol.asyncDispose]: () => rm(file, { force: true }) }
  }

  async nodes(): Promise<readonly RunningNode[]> {
    const folder = path.join(this.directory, 'nodes')
    const names = await within(this.directory, () => readdir(folder))
    const entries = names
      .filter((name) => name.endsWith('.json'))
      .map((name) => readEntry(path.join(folder, name)))
    return (await Promise.all(entries)).filter((entry) => entry !== undefined)
  }

  #identityFile(name: string, extension: 'key' | 'lock'): string {
    return path.join(this.directory, 'identities', `${fileName(name)}.${extension}`)
  }
}

/** The node of that entry if it runs. What a dead process left is swept away. */
async function readEntry(file: string): Promise<RunningNode | undefined> {
  try {
    const entry = Entry.parse(JSON.parse(await readFile(file, 'utf8')))
    const running = await isRunning(entry.process)
    if (running === false) await rm(file, { force: true })
    return running === true ? RunningNode.parse(entry) : undefined
  } catch {
    return undefined
  }
}

/** A name becomes a file of this folder and nothing else. */
function fileName(name: string): string {
  if (/^[\w.-]{1,128}$/u.test(name) && !name.startsWith('.')) return name
  throw new ProtocolError(
    'INVALID_KEY',
    `"${name}" cannot name an identity: use letters, digits, dots, dashes and underscores`,
  )
}

async function within<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw unavailable(directory, `(${codeOf(error)})`, error)
  }
}

function unavailable(directory: string, why: string, cause?: unknown): ProtocolError {
  return new ProtocolError(
    'HOME_UNAVAILABLE',
    `cannot use the settings folder ${directory} ${why}: give yourself the right to write there, or set SKEIN_HOME to another folder`,
    { cause },
  )
}
