import { ProtocolError } from './errors.ts'

/** Says why libp2p could not listen, in our words: the culprit and the mend. */
export function listenFailure(error: unknown, addresses: readonly string[]): Error {
  const text = error instanceof Error ? error.message : String(error)
  const list = addresses.join(', ')
  if (text.includes('EADDRINUSE')) {
    const port = /EADDRINUSE[^\n]*:(?<port>\d+)/u.exec(text)?.groups?.['port']
    return new ProtocolError(
      'ADDRESS_IN_USE',
      `${port === undefined ? list : `port ${port}`} is in use by another program: stop it, or choose another port (0 takes any free one)`,
      { cause: error },
    )
  }
  if (text.includes('EACCES')) {
    return new ProtocolError(
      'INVALID_ADDRESS',
      `may not listen on ${list}: ports below 1024 belong to the administrator; choose a higher one`,
      { cause: error },
    )
  }
  return new ProtocolError(
    'INVALID_ADDRESS',
    `cannot listen on ${list}: this machine has no such address`,
    { cause: error },
  )
}
