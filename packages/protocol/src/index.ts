export { ProtocolError, type ProtocolErrorCode } from './errors.ts'
export { LIMITS } from './limits.ts'
export { Fault, Message, OfferedModel, RefusalCode, type MessageOf } from './messages.ts'
export type { Channel, ChannelListener, Transport } from './transport.ts'
