import { createHash, timingSafeEqual } from 'node:crypto'

/** Whether a request has that token: `authorization: Bearer TOKEN`. */
export function isBearer(request: Request, token: string): boolean {
  const given = request.headers.get('authorization') ?? ''
  // Hashes are equally long, and compared in the same time wherever they differ.
  return timingSafeEqual(digestOf(given), digestOf(`Bearer ${token}`))
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
