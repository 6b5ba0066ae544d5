/** What a finished command tells the shell. Scripts depend on these numbers. */
export const EXIT = {
  ok: 0,
  /** The work failed. */
  failed: 1,
  /** The command was called wrongly: an option, a file or an input. */
  usage: 2,
  /** No network, or no node that could do it. */
  unreachable: 3,
  /** Done, with failures that were allowed. */
  partial: 4,
  /** Stopped by Ctrl-C or SIGTERM. */
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]
