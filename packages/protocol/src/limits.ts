/** What a peer may send at most. Larger is refused before it is read into memory. */
export const LIMITS = {
  /** Bytes of one frame: room for a long document with pictures, far from exhausting a machine. */
  frameBytes: 4 * 1024 * 1024,
  /** Nesting of JSON in a frame: deeper is hostile. */
  depth: 64,
  /** Values of JSON in a frame, counted by their commas and brackets. */
  values: 250_000,
  /** Characters of names, ids and hashes. */
  nameChars: 256,
  /** Characters of a text inside a message; the frame's limit comes first. */
  textChars: 4 * 1024 * 1024,
  /** Characters of the reason in a goodbye. */
  reasonChars: 1024,
  /** Models in one offer or wish. */
  models: 256,
  capabilities: 32,
  /** Steps of one task. */
  answers: 10_000,
  /** Workflows one peer may define in a session. */
  workflows: 1_000,
  /** Bytes that wait for a peer that does not read; then its session ends. */
  unreadBytes: 64 * 1024 * 1024,
} as const
