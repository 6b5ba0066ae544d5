import { isIP } from 'node:net'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import { ProtocolError } from './errors.ts'

const HIGHEST_PORT = 65_535

/**
 * Reads an address as people write it, `192.168.1.5:4100`, `[::1]:4100`, `workshop.local:4100`, or as
 * libp2p does, `/ip4/192.168.1.5/tcp/4100/p2p/12D3KooW…`.
 *
 * @throws {ProtocolError} `INVALID_ADDRESS` naming the text
 */
export function parseAddress(text: string): Multiaddr {
  const trimmed = text.trim()
  try {
    const address = multiaddr(trimmed.startsWith('/') ? trimmed : fromHostAndPort(trimmed))
    const components = address.getComponents()
    const peer = components.find(({ name }) => name === 'p2p')?.value
    if (peer !== undefined) peerIdFromString(peer)
    if (components.some(({ name }) => name === 'tcp')) return address
  } catch (error) {
    throw invalid(text, error)
  }
  throw invalid(text)
}

function fromHostAndPort(text: string): string {
  const match = /^(?:\[(?<v6>[0-9a-f:.]+)\]|(?<host>[^:/\s[\]]+)):(?<port>\d{1,5})$/iu.exec(text)
  const { v6, host, port } = match?.groups ?? {}
  const name = v6 ?? host
  if (name === undefined || Number(port) > HIGHEST_PORT) throw invalid(text)
  const kind = { 4: 'ip4', 6: 'ip6' }[isIP(name)] ?? 'dns'
  return `/${kind}/${name}/tcp/${Number(port)}`
}

function invalid(text: string, cause?: unknown): ProtocolError {
  return new ProtocolError(
    'INVALID_ADDRESS',
    `"${text}" is no address: write host:port, or /ip4/…/tcp/…/p2p/… as a node prints it`,
    { cause },
  )
}
