export { isBearer } from './bearer.ts'
export { systemClock, type Clock } from './clock.ts'
export { ProtocolError, type ProtocolErrorCode } from './errors.ts'
export { openHome, type ClaimedIdentity, type Home, type RunningNode } from './home.ts'
export { createIdentity, loadIdentity, type Identity } from './identity.ts'
export { createLibp2pTransport, type Libp2pTransportOptions } from './libp2p-transport.ts'
export { LinkedQueue, type Linked } from './linked-queue.ts'
export { LIMITS } from './limits.ts'
export { LIVENESS } from './liveness.ts'
export {
  createMemoryNetwork,
  type MemoryNetwork,
  type MemoryNetworkOptions,
} from './memory-transport.ts'
export {
  Fault,
  Message,
  OfferedModel,
  PROTOCOL_VERSION,
  RefusalCode,
  type ClientMessage,
  type MessageOf,
  type NodeMessage,
  type TaskMessage,
} from './messages.ts'
export { createNetworkKey, loadNetworkKey, NetworkKey, parseNetworkKey } from './network-key.ts'
export { openSession } from './open-session.ts'
export { isRunning, ownMark, ProcessMark } from './process-mark.ts'
export type { Introduction, Session, SessionHandlers, SessionOptions } from './session.ts'
export { SlotMap } from './slot-map.ts'
export type { Channel, ChannelListener, Transport } from './transport.ts'
