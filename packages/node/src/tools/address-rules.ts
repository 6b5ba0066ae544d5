import { BlockList, isIP, isIPv4 } from 'node:net'

/**
 * Addresses that no tool may reach, whatever name led there: this machine, its neighbours, the cloud's
 * metadata services, and ranges that tunnel to any of them. After IANA's special-purpose registries.
 */
const REFUSED_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]

/** Outside of global unicast (2000::/3) nothing is public; inside, these are not. */
const REFUSED_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

const refused = blockListOf()

function blockListOf(): BlockList {
  const list = new BlockList()
  const add = (ranges: readonly string[], family: 'ipv4' | 'ipv6') => {
    for (const range of ranges) {
      const [network = '', prefix] = range.split('/')
      list.addSubnet(network, Number(prefix), family)
    }
  }
  add(REFUSED_IPV4, 'ipv4')
  add(REFUSED_IPV6, 'ipv6')
  return list
}

const globalUnicast = new BlockList()
globalUnicast.addSubnet('2000::', 3, 'ipv6')

/** Whether an IP address belongs to a machine of the public internet. Anything else than an address does not. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false
  if (isIPv4(address)) return !refused.check(address, 'ipv4')
  // A zone ("%eth0") marks a link-local address; mapped IPv4 lies outside 2000::/3.
  if (address.includes('%')) return false
  return globalUnicast.check(address, 'ipv6') && !refused.check(address, 'ipv6')
}
