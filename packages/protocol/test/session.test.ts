import { createIdentity } from '../src/identity.ts'
import { createLibp2pTransport } from '../src/libp2p-transport.ts'
import { createMemoryNetwork } from '../src/memory-transport.ts'
import { createNetworkKey } from '../src/network-key.ts'
import { describeSession } from './session-contract.ts'

describeSession('memory', () => {
  const network = createMemoryNetwork()
  const [dialler, listener] = [network.transport(), network.transport()]
  return Promise.resolve({ dialler, listener, nowhere: 'memory:nobody' })
})

describeSession('libp2p', async () => {
  const network = createNetworkKey()
  return {
    dialler: await createLibp2pTransport({ identity: await createIdentity(), network, listen: [] }),
    listener: await createLibp2pTransport({ identity: await createIdentity(), network }),
    nowhere: '127.0.0.1:1',
  }
})
